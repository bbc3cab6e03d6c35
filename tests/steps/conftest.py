"""An Argo CD with the application `prod`, synced once; nothing heals what is changed there by hand."""

from __future__ import annotations

import pytest
from sandbox_tests.argocd.conftest import lab, manual
from sandbox_tests.argocd.lab import Lab

__all__ = ["app", "lab", "manual"]


@pytest.fixture
def app(manual: Lab) -> Lab:
    manual.sync("prod").raise_for_status()
    manual.settled("prod")
    return manual
