"""What the judge says of a failure may quote a manifest: no secret in it reaches its sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.argocd.snapshot import Operation
from tests.domain.argocd.test_assess_sync import judged, operation
from tests.domain.secrets.test_masking import SECRETS


def ended(phase: str, *, in_a_failure: bool) -> Callable[[str], dict[str, Any]]:
    def seen(said: str) -> dict[str, Any]:
        failures = (f"Deployment/web: {said}",)
        told = operation(phase=phase, failures=failures) if in_a_failure else operation(phase=phase, message=said)
        return {"operation": told}

    return seen


def condition(kind: str, **more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda said: {"conditions": ((kind, said),)} | more


PLACES: list[Callable[[str], dict[str, Any]]] = [
    *[ended(phase, in_a_failure=place) for phase in ("Running", "Failed", "Error") for place in (True, False)],
    lambda said: {"operation": operation(phase="Running", finished=None, message=said)},
    lambda said: {"operation": Operation(phase="Running", finished=None, message=said, revisions=("b" * 40,))},
    condition("ComparisonError", sync="Unknown"),
    condition("SyncError"),
    lambda said: {"hydration": said},
]
BEFORE = ["", "rpc error: code = Unknown desc = ", "`kustomize build .` failed exit status 1: Error: ", "no\n"]


@given(
    st.sampled_from(PLACES), st.sampled_from(SECRETS), st.sampled_from(BEFORE), st.integers(0, 300),
    st.integers(0, 3),
)  # fmt: skip
def test_no_secret_in_a_foreign_text_reaches_the_sentence(
    place: Callable[[str], dict[str, Any]], secret: str, before: str, filler: int, refreshes: int
) -> None:
    known = {"refreshes": refreshes, "render_failures": refreshes, "older": frozenset({"b" * 40})}
    assessment = judged(known, **place(f"{before}{'word ' * filler}{secret}"))
    assert "hunter2" not in assessment.sentence


@given(st.sampled_from(PLACES))
def test_and_what_people_need_of_it_does(place: Callable[[str], dict[str, Any]]) -> None:
    known = {"refreshes": 3, "render_failures": 3, "older": frozenset({"b" * 40})}
    assert "no field spec.replica" in judged(known, **place("no field spec.replica")).sentence
