"""What a promotion costs Argo CD in requests, counted at its door."""

from __future__ import annotations

import pytest

from liftgate.sandbox.serve import serve
from tests.door import Door
from tests.examples import text
from tests.lab import Lab, configured

pytestmark = pytest.mark.prefect

MOST = 20


def test_an_ordinary_promotion_asks_argo_cd_at_most_twenty_times(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}))})
    door = Door(lab.town.argocd.asgi())
    with serve(door) as served:
        lab.variables["LIFTGATE_ARGOCD__URL"] = served.url
        lab.deploy()
        run = lab.start("promote", application="example-app", to="dev")
        assert lab.ended(run)["name"] == "Promoted"
    assert door.asked["example-app-dev"] > 0, "it went another way"
    assert door.asked.total() <= MOST, door.asked
