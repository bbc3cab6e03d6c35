"""Older and newer promotions at one gate, as real runs; the rules are tested in tests/services/test_turns.py."""

from __future__ import annotations

import pytest

from liftgate.wiring import Integrations
from tests.examples import text, values
from tests.flows.test_kills import swept_by
from tests.flows.test_promote import ask_at_dev, pull_request
from tests.lab import Lab, settings_of

pytestmark = pytest.mark.prefect


def started(lab: Lab, version: str, **more: bool) -> str:
    """A promotion of the version that the base has now, by the commit that fixes it."""
    lab.commit({"configs/base/values.json": text(values("base", version))})
    at = Integrations(settings_of(lab))
    source = at.tree(at.git.fetch()).newest_release("example-app").source
    run = lab.start_as("rosa", "promote", application="example-app", to="dev", release=source, **more)
    lab.suspended(run)
    return run


@pytest.mark.long
def test_a_newer_promotion_ends_the_one_that_waits_and_an_older_release_must_be_allowed(lab: Lab) -> None:
    ask_at_dev(lab)
    older = started(lab, "1.4.2", allow_downgrade=True)
    newer = started(lab, "1.4.3")
    state = lab.ended(older)
    assert (state["type"], state["name"]) == ("FAILED", "Superseded")
    assert state["message"].startswith(f"Superseded by the newer promotion {newer} of 1.4.3")
    assert [(entry.promotion, entry.outcome) for entry in lab.entries("dev")] == [(older, "superseded")]
    assert pull_request(lab, older)["state"] == "closed"
    lab.vote(newer, "ada")
    lab.wake(newer)
    assert lab.ended(newer)["name"] == "Promoted"
    back = lab.start_as("rosa", "promote", application="example-app", to="dev", release="1.4.2")
    state = lab.ended(back)
    assert (state["name"], lab.version("dev")) == ("Refused", "1.4.3")
    assert "1.4.2 is older than 1.4.3, which dev has" in state["message"]
    with swept_by(lab):
        allowed = lab.start_as(
            "rosa", "promote", application="example-app", to="dev", release="1.4.2", allow_downgrade=True
        )
        lab.suspended(allowed)
        assert "DOWNGRADE from 1.4.3 to the older release 1.4.2" in pull_request(lab, allowed)["body"]
        lab.vote(allowed, "grace")
        assert lab.ended(allowed)["name"] == "Promoted"
    assert lab.version("dev") == "1.4.2"
