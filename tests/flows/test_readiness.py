"""Pods that do not get ready: the promotion is taken back, with what the pods say of it."""

from __future__ import annotations

import pytest

from tests.examples import text, values
from tests.lab import DEPLOYMENT, Lab

pytestmark = pytest.mark.prefect
PROBED = DEPLOYMENT.replace(
    "          image: example-app\n",
    "          image: example-app\n          readinessProbe: {httpGet: {path: /healthz, port: 80}}\n",
).replace("progressDeadlineSeconds: 120", "progressDeadlineSeconds: 2")


def test_what_never_gets_ready_is_not_verified_but_rolled_back(lab: Lab) -> None:
    """1.5.0 does not get ready without a database."""
    lab.commit({"manifests/deployment.yaml": PROBED.encode()})
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"
    lab.commit({"configs/base/values.json": text(values("base", "1.5.0"))})
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["name"] == "RolledBack"
    assert "exceeded its progress deadline: pod example-app-" in state["message"]
    assert "Readiness probe failed" in state["message"]
    assert (lab.version("dev"), lab.serves("dev")) == ("1.4.2", "1.4.2")
    assert [entry.outcome for entry in lab.entries("dev") if entry.kind == "promote"] == ["promoted", "rolled back"]
