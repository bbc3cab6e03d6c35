"""What a promotion costs Argo CD in requests, counted at its door."""

from __future__ import annotations

from liftgate_sandbox.serve import serve

from liftgate.services.planning import planned
from liftgate.services.verification import Preview, step_verdict, steps_of
from tests.door import Door
from tests.services.course import Course

MOST = 20


def test_an_ordinary_promotion_asks_argo_cd_at_most_twenty_times(course: Course) -> None:
    door = Door(course.lab.town.argocd.asgi())
    with serve(door) as served:
        argocd = course.at.settings.argocd.model_copy(update={"url": served.url})
        counted = course.another(argocd=argocd)
        change = counted.begin(counted.start("promote", to="dev"))
        for spec in steps_of(counted.at, change, "validate"):
            assert step_verdict(counted.at, change, spec).passed
        shown = Preview(change, planned(counted.at, change), lambda *_: None)
        for spec in steps_of(counted.at, change, "preview"):
            assert step_verdict(counted.at, change, spec, shown).passed
        assert counted.finish(counted.commit(change)).outcome == "promoted"
    assert door.asked["manifests"] > 0, "nothing was rendered"
    assert door.asked["example-app-dev"] > 0, "it went another way"
    assert door.asked.total() <= MOST, door.asked
