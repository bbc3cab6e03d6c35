"""The lab for flow tests: fresh servers and repository for each test, one Prefect server for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from liftgate.sandbox.forge import Forge
from liftgate.sandbox.serve import serve
from tests.lab import Lab, seed, variables
from tests.prefect_server import PrefectApi


@pytest.fixture
def bare_lab(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """With a repository, and no Argo CD to reach."""
    forge = Forge(tmp_path / "forge")
    for name in ("bot", "ada", "grace"):
        forge.add_user(name, f"token-of-{name}")
    forge.create_repository("shop/config")
    with serve(forge.asgi()) as served:
        lab = Lab(prefect_api, forge, served.url, tmp_path)
        seed(lab)
        lab.variables = variables(lab, LIFTGATE_ARGOCD__URL="http://127.0.0.1:9", LIFTGATE_ARGOCD__TOKEN="none")
        lab.deploy()
        yield lab
