"""GitHub's client of the sandbox's forge."""

from __future__ import annotations

import pytest

from liftgate.integrations.forge.github import GitHub
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import made


@pytest.fixture
def forge(hosted: Hosted) -> GitHub:
    return made(hosted)
