"""The nightly promotion, and Prefect's own scheduler behind it."""

from __future__ import annotations

import pytest

from tests.lab import Lab

pytestmark = pytest.mark.prefect


def test_nightly_promotes_the_newest_base_to_dev_and_it_goes_on_from_there(lab: Lab) -> None:
    run = lab.start_as("rosa", "nightly")
    state = lab.ended(run)
    assert state["message"] == "started 1: example-app nightly → dev"
    assert lab.ended_chain("staging")["name"] == "Promoted"
    assert lab.version("staging") == "1.4.2"
    assert [entry.requested_by for entry in lab.entries("dev")] == ["rosa"]


def test_running_it_again_the_same_night_changes_nothing(lab: Lab) -> None:
    lab.ended(lab.start("nightly"))
    lab.ended_chain("dev")
    commits = len(lab.commits())
    lab.ended(lab.start("nightly"))
    assert len(lab.commits()) >= commits
