"""An Argo CD with the application `prod`, synced once; nothing heals what is changed there by hand."""

from __future__ import annotations

import pytest

from tests.sandbox.argocd.conftest import lab, manual
from tests.sandbox.argocd.lab import Lab

__all__ = ["app", "lab", "manual"]


@pytest.fixture
def app(manual: Lab) -> Lab:
    manual.sync("prod").raise_for_status()
    manual.settled("prod")
    return manual
