"""The run's graph in Prefect's pages: what waits for what, as people see it."""

from __future__ import annotations

import pytest

from tests.examples import text, values
from tests.lab import Lab

pytestmark = pytest.mark.prefect


def test_the_graph_shows_what_waits_for_what_and_the_rollback(lab: Lab) -> None:
    lab.commit({"configs/base/values.json": text(values("base", "1.5.0"))})
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "RolledBack"
    after = lab.graph(run)
    for step in ("json-lint", "schema-validation", "security-scan"):
        assert after[step] == {"begin"}
    assert after["plan"] >= {"json-lint", "schema-validation", "security-scan"}
    assert "plan" in after["generate-diff"] & after["notify-reviewers"]
    assert after["rendered-diff"] >= {"plan", "propose"}
    assert after["gate"] >= {"generate-diff", "notify-reviewers"}
    assert "gate" in after["commit"]
    assert "commit" in after["sync"]
    assert "sync" in after["health-check"] & after["integration-test"]
    assert any(name.startswith("rollback") for name in after)
