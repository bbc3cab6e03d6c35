"""A closer look at drift, against the sandbox: which of Git and the cluster moved, whatever the sources look like."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_tests.argocd.conftest import lab
from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import config_map

from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.drift import look_for_drift

__all__ = ["lab"]


def made(lab: Lab, **spec: Any) -> None:
    """Synced once; Git has moved since, and Argo CD knows."""
    lab.config.write("configs/one/config.yaml", config_map("one"))
    lab.config.commit()
    lab.create("one", "configs/one", **spec).raise_for_status()
    lab.refresh("one")
    lab.sync("one").raise_for_status()
    lab.settled("one")
    lab.config.write("configs/one/config.yaml", config_map("one", {"a": "moved"}))
    lab.config.commit()
    lab.refresh("one")


@pytest.mark.parametrize("is_listed", [False, True], ids=["a source", "a list of one source"])
def test_what_git_changed_is_no_drift(lab: Lab, is_listed: bool) -> None:
    source = {"repoURL": lab.url, "targetRevision": "main", "path": "configs/one"}
    made(lab, **({"sources": [source]} if is_listed else {}))
    found = look_for_drift(ArgoCDList(lab.served.url, lab.argocd.token("promo", "promoter"), "promo"), "one")
    assert found
    seen, finding = found
    assert (seen.several, finding.kind) == (is_listed, "git moved")
