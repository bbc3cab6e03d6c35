"""Every verification step can fail a run by itself, and the run is rolled back then."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from liftgate.integrations.ledger.git_branch import REF
from tests.examples import NOW, SEED, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import Lab, configured
from tests.steps.world import serving, vector

pytestmark = pytest.mark.prefect

SUITE = '<testcase classname="Cart" name="adds"><failure message="2 is not 3"/></testcase>'
SMOKE = f"""
import os, pathlib, sys
print("tested", os.environ["LIFTGATE_VERSION"])
if os.environ["LIFTGATE_VERSION"] == "1.4.2" and "bad" in sys.argv:
    pathlib.Path(os.environ["LIFTGATE_JUNIT"]).write_text({SUITE!r})
"""
COMMANDS = {"smoke": [sys.executable, "-c", SMOKE], "bad": [sys.executable, "-c", SMOKE, "bad"]}
STEPS = ["served-config", "health-check", "integration-test", "log-check", "metric-check", "backup-check"]


@pytest.fixture
def metered(lab: Lab) -> Iterator[Lab]:
    """The worker has a Prometheus, which knows of two errors."""
    with serving(vector(2)) as url:
        lab.variables |= {"LIFTGATE_PROMETHEUS__URL": url, "LIFTGATE_WORKER__COMMANDS": json.dumps(COMMANDS)}
        lab.deploy()
        yield lab


def good(lab: Lab) -> dict[str, Any]:
    """Checks that every version of the application passes."""
    dev = lab.town.urls["app-dev"]
    return {
        "served-config": {"http": f"{dev}/config"},
        "health-check": {"http": f"{dev}/healthz", "within": 1},
        "integration-test": {"run": "smoke"},
        "log-check": {"must": ["ready, version {version}$"], "must-not": ["ERROR"]},
        "metric-check": {"query": "errors", "max": 2, "within": 0},
    }


def bad(lab: Lab) -> dict[str, tuple[dict[str, Any], str]]:
    """Settings that 1.4.2 does not pass, and what is said; what verifies a rollback passes with 1.4.1."""
    staging = lab.town.urls["app-staging"]
    return {
        "served-config": ({"http": f"{staging}/config", "within": 0}, "served configuration: the application serves"),
        "health-check": ({"pointer": "/version", "equals": "1.4.1"}, '/version is "1.4.2", not "1.4.1"'),
        "integration-test": ({"run": "bad"}, "integration test bad: 1 of 1 failed: Cart.adds"),
        "log-check": ({"must-not": [r"ready, version 1\.4\.2"]}, "log: INFO ready, version 1.4.2"),
        "metric-check": ({"max": 1}, "is 2, more than 1"),
    }


def configure(lab: Lab, checks: dict[str, Any]) -> None:
    stages = [*SEED["pipeline"]["stages"], {"name": "verify", "steps": STEPS}]
    own = {"applications": {"example-app": {"checks": checks}}, "pipeline": {"stages": stages}}
    lab.commit({"liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}, **own))})


EACH = ["served-config", "health-check", "integration-test", "log-check", "metric-check"]


@pytest.mark.parametrize(
    "steps", [pytest.param(EACH, id="all"), *(pytest.param([name], id=name, marks=pytest.mark.long) for name in EACH)]
)
def test_a_step_that_fails_takes_the_release_back(metered: Lab, steps: list[str]) -> None:
    wrong = bad(metered)
    configure(metered, {name: own | (wrong[name][0] if name in steps else {}) for name, own in good(metered).items()})
    state = metered.ended(metered.start("promote", application="example-app", to="dev"))
    assert state["name"] == "RolledBack", state["message"]
    assert re.match(r"rolled back to 1\.4\.1 in \d+ s: ", state["message"])
    assert [name for name in EACH if wrong[name][1] in state["message"]] == steps, state["message"]
    assert (metered.version("dev"), metered.serves("dev")) == ("1.4.1", "1.4.1")


def test_all_of_them_pass_and_then_a_copy_somebody_changed_takes_the_next_one_back(metered: Lab) -> None:
    configure(metered, good(metered))
    run = metered.start("promote", application="example-app", to="dev")
    state = metered.ended(run)
    assert state["name"] == "Promoted", state["message"]
    said = "\n".join(metered.task_logs(run))
    assert [name for name in STEPS if f"{name}: passed: " not in said] == ["backup-check"]
    assert "backup-check: not configured: nothing of example-app in dev is verified yet" in said
    tamper(metered)
    metered.commit({"configs/base/values.json": text(values("base", "1.4.3"))})
    state = metered.ended(metered.start("promote", application="example-app", to="dev"))
    assert state["name"] == "RolledBack", state["message"]
    assert "backup: the copy of the verified values of example-app in dev is not what was verified" in state["message"]
    assert (metered.version("dev"), metered.serves("dev")) == ("1.4.2", "1.4.2")


def tamper(lab: Lab) -> None:
    """Somebody who may push writes another copy to the ledger's branch."""
    mirror = lab.mirror("somebody", "ada")
    mirror.fetch()
    tip = mirror.resolve(REF)
    sha = mirror.write(tip, {"verified/example-app/dev/values.json": b"{}\n"}, "by hand\n", NOW, AUTHOR, None)
    assert mirror.push(sha, REF, tip) == "pushed"
