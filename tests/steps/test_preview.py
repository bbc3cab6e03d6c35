"""The steps of the stage `preview`: each shows the plan it is given, and has the one signature of all steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.rendered.rendered import Part, Rendered
from liftgate.errors import Misconfigured
from liftgate.steps.context import Context, StepCapabilities
from liftgate.steps.registry import BUILT_IN, PREVIEWS, find
from tests.domain.planning.test_plan import plan
from tests.examples import NOW
from tests.steps.world import context


class Shown:
    """What a step showed, and whom it told."""

    def __init__(self, rendered: Rendered | None = None) -> None:
        self.artifacts: dict[str, tuple[str, str]] = {}
        self.told: list[Plan] = []
        self._rendered = rendered

    def context(self, **more: Any) -> Context:
        capabilities = StepCapabilities(show=self._show, tell=self.told.append, rendered=lambda _plan: self._rendered)
        return replace(context(capabilities=capabilities), plan=plan(), title="example-app 1.4.2 → prod", **more)

    def _show(self, kind: str, markdown: str, description: str) -> None:
        self.artifacts[kind] = (markdown, description)


def rendered(part: Part) -> Rendered:
    return Rendered(plan=plan().hash, head="h" * 40, at=NOW, parts=(part,))


def test_the_difference_of_the_values_is_an_artifact() -> None:
    shown = Shown()
    verdict = find("generate-diff").run(shown.context())
    table, description = shown.artifacts["plan"]
    assert verdict.passed
    assert verdict.reason == "1 edit"
    assert "/application/version" in table
    assert description == f"example-app 1.4.2 → prod: the plan {plan().hash[:19]}"


def test_reviewers_are_told_of_the_plan() -> None:
    shown = Shown()
    assert find("notify-reviewers").run(shown.context()).passed
    assert shown.told == [plan()]


def test_what_does_not_render_fails_and_is_shown_all_the_same() -> None:
    shown = Shown(rendered(Part(application="prod", state="broken", sentence="no such key: tier")))
    verdict = find("rendered-diff").run(shown.context())
    assert verdict.failed
    assert "no such key: tier" in verdict.reason
    assert "no such key: tier" in shown.artifacts["cluster"][0]


def test_without_an_argo_cd_there_is_nothing_to_render_with() -> None:
    shown = Shown()
    verdict = find("rendered-diff").run(shown.context())
    assert (verdict.state, shown.artifacts) == ("not configured", {})


@pytest.mark.parametrize("name", PREVIEWS)
def test_in_another_stage_they_say_where_they_belong(name: str) -> None:
    assert name in BUILT_IN
    with pytest.raises(Misconfigured, match="which only the stage preview has: move it there"):
        find(name).run(context())
