"""Every exchange recorded from a real Argo CD, behind the real adapter: what it reads, raises and judges."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from liftgate import errors
from liftgate.domain.argocd.assess_sync import assess_sync
from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.argocd.sync_assessment import Known, SyncAssessment
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from tests.integrations.deployer.recordings import (
    answered,
    numbers,
    recorded,
    replaying,
    rows,
    seen_in,
    serving,
)

JUDGED = list(rows("argocd-judged.txt"))
ERRORS = {int(number): (outcome, " ".join(words)) for number, outcome, *words in rows("argocd-errors.txt")}
UNREAD = {int(number) for number, *_ in rows("argocd-unread.txt")}
MAY_SYNC = {5: True, 6: False}
TERMINATED = (85, 95)
HELD = {65: "environment-config-k9mbkmdmcd", 111: "", 206: "app-config"}
RENDERED = {62: "1.0.0", 202: "1.0.0", 270: "2.0.0", 273: "9.0.0", 281: "9.0.0"}
"""Manifests of a commit, and the version in them; the last three are of commits that were not merged."""
MASKED = {8: 3, 98: 11, 99: 1, 101: 6, 300: 3, 305: 1, 308: 1, 310: 1}
"""Lists and streams of chosen fields, and how many Applications they show; we never choose, so nothing is judged."""
SILENT = (100, 102, 105)
LIVE = (311,)
"""What is live beside what Git wants: read by the look for drift."""
A_MINUTE: dict[str, Any] = {
    "lasted": 60.0, "refreshes": 3, "answered": 3, "render_failures": 3, "healthy_for": 60.0,
}  # fmt: skip


def test_no_recording_is_left_out() -> None:
    judged = {int(key.partition("/")[0]) for key, *_ in JUDGED}
    others = {*ERRORS, *UNREAD, *MAY_SYNC, *TERMINATED, *HELD, *RENDERED, *MASKED, *SILENT, *LIVE}
    assert sorted(judged | others) == numbers()
    assert not judged & others


def test_no_application_in_them_is_left_out() -> None:
    keys = {key for key, *_ in JUDGED}
    assert keys == {
        f"{number}/{place}"
        for number in {int(key.partition("/")[0]) for key in keys}
        for place in range(len(seen_in(number)))
    }


def test_the_judge_makes_of_each_what_it_was() -> None:
    judged = [(row, _judged(*row)) for row in JUDGED]
    assert [(row, words) for row, words in judged if words != (row[2], row[3])] == []


def _judged(key: str, ours: str, _first: str, _at_last: str, *besides: str) -> tuple[str, str]:
    """At first, and in the end."""
    number, place = map(int, key.split("/"))
    application = seen_in(number)[place]
    seen = serving(application).get(application["metadata"]["name"])
    known = _known(application, ours, besides)
    assessment = assess_sync(seen, known)
    return _word(assessment), _word(_in_the_end(seen, known, assessment))


def _known(application: dict[str, Any], ours: str, besides: Sequence[str]) -> Known:
    values: dict[str, Any] = {"accepted": _revisions(application, ours)}
    for name, _, value in (one.partition("=") for one in besides):
        values[name] = _revisions(application, value) if name == "older" else value or True
    return Known.model_validate(values)


def _revisions(application: dict[str, Any], first: str) -> frozenset[str]:
    """In full; `-` is one that the recording does not know."""
    return frozenset(re.findall(rf"\b{first}[0-9a-f]+", json.dumps(application)) if first != "-" else ["f" * 40])


def _in_the_end(seen: Snapshot | None, known: Known, assessment: SyncAssessment) -> SyncAssessment:
    for _ in range(4):
        known = known.copy_with(**(A_MINUTE | {"state": assessment.state, "hooks": known.hooks or "run"}))
        assessment = assess_sync(seen, known)
    return assessment


def _word(assessment: SyncAssessment) -> str:
    return f"{assessment.state.replace(' ', '-')}:{assessment.action}"


@pytest.mark.parametrize("number", sorted(ERRORS))
def test_an_error_is_what_can_be_done_about_it(number: int) -> None:
    outcome, words = ERRORS[number]
    ask = _asking(number)
    if outcome in ("None", "False"):
        assert str(ask()) == outcome
        return
    with pytest.raises(getattr(errors, outcome), match=re.escape(words)):
        ask()


def _asking(number: int) -> Callable[[], object]:
    """The adapter's own call that goes the same way as the recorded one."""
    recording = recorded(number)
    adapter = replaying(_whole(recording["response"]))
    calls: dict[str, Callable[[], object]] = {
        "GET": lambda: adapter.get("app"),
        "POST": lambda: adapter.sync("app", Snapshot(name="app", revisions=("a" * 40,)), promotion="p"),
        "DELETE": lambda: adapter.terminate("app"),
    }
    return calls[recording["request"]["method"].replace("PATCH", "POST")]


def _whole(response: dict[str, Any]) -> dict[str, Any]:
    """A refused stream says the same as a refused call."""
    return response if "stream" not in response else response | {"body": response["stream"][0]["json"]["error"]}


@pytest.mark.parametrize("number", sorted(MAY_SYNC))
def test_the_token_may_or_may_not(number: int) -> None:
    assert replaying(recorded(number)["response"]).may_sync("app-prod") is MAY_SYNC[number]


@pytest.mark.parametrize("number", TERMINATED)
def test_an_operation_under_way_is_ended(number: int) -> None:
    assert replaying(recorded(number)["response"]).terminate("x-hook")


@pytest.mark.parametrize("number", sorted(HELD))
def test_the_config_maps_are_read(number: int) -> None:
    response = recorded(number)["response"]
    transport = httpx.MockTransport(lambda _: answered(response))
    file = "application.json" if number == 206 else "values.json"
    held = ArgoCDReads("http://argocd.test", "token", "promo", transport=transport).held("app", file)
    assert [one.name for one in held] == ([HELD[number]] if HELD[number] else [])


def told(managed: int, last: int | None) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """What was changed in the cluster, by object, and what in Git; `last`: the recorded render of the last commit."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = last if last and request.url.path.endswith("/manifests") else managed
        return answered(recorded(number)["response"])

    drift = ArgoCDList("http://argocd.test", "token", "promo", transport=httpx.MockTransport(answer))
    found = drift.compare("app", ("a" * 40,) if last else (), several=False)
    return {one.object: one.fields for one in found.cluster}, found.git


def test_drift_is_told_from_what_git_changed() -> None:
    """111: replicas by hand; 311: put back already; 206: the next version is in Git, 202 being the last."""
    assert told(65, None) == ({}, ())
    assert told(65, 62) == ({}, ())
    assert told(111, None) == ({"Deployment/app": ("spec.replicas",)}, ())
    assert told(311, None) == ({}, ())
    assert told(206, 202) == ({}, ("ConfigMap/app-config", "Deployment/app"))


@pytest.mark.parametrize("number", sorted(RENDERED))
def test_a_rendered_commit_is_read(number: int) -> None:
    """Against a cluster that runs 1.0.0, while Git has the next version."""
    changed, git = told(206, number)
    assert git == ("ConfigMap/app-config", "Deployment/app")
    image = "spec.template.spec.containers.0.image"
    assert (image in changed.get("Deployment/app", ())) is (RENDERED[number] != "1.0.0")


@pytest.mark.parametrize("number", [7, 8])
def test_a_list_is_read_whole(number: int) -> None:
    response = recorded(number)["response"]
    drift = ArgoCDList("http://argocd.test", "t", "promo", transport=httpx.MockTransport(lambda _: answered(response)))
    assert [(one.name, one.sync) for one in drift.all()] == [
        ("app-dev", "Synced"), ("app-prod", "OutOfSync"), ("app-staging", "Synced"),
    ]  # fmt: skip
    assert drift.one("app-prod")
    assert drift.one("app-qa") is None


@pytest.mark.parametrize("number", sorted(MASKED))
def test_chosen_fields_are_read_too(number: int) -> None:
    response = recorded(number)["response"]
    said = [one["json"]["result"]["application"] for one in response.get("stream") or [] if "json" in one]
    applications = said or response["body"]["items"]
    assert len(applications) == MASKED[number]
    for application in applications:
        seen = serving(application).get(application["metadata"]["name"])
        assert seen
        sync = application["status"].get("sync", {}).get("status", "Unknown")
        assert (seen.name, seen.sync) == (application["metadata"]["name"], sync)


@pytest.mark.parametrize(("number", "last"), [(97, "x-hook"), (98, "app-prod"), (99, "app-prod")])
def test_a_stream_is_followed_to_its_last_event(number: int, last: str) -> None:
    lines = recorded(number)["response"]["stream"]
    text = "".join(f"data: {json.dumps(one['json'])} \n" if "json" in one else one["raw"] for one in lines)
    adapter = _streaming(httpx.Response(200, headers={"content-type": "text/event-stream"}, content=text))
    watch = adapter.watch(last)
    versions = [event.version for event in iter(lambda: watch.next(0.3), None)]
    watch.close()
    newest = [one["json"]["result"]["application"]["metadata"]["resourceVersion"] for one in lines if "json" in one]
    assert versions[-1] == int(newest[-1])


@pytest.mark.parametrize("number", SILENT)
def test_an_unknown_name_is_silence_and_not_an_error(number: int) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"recording {number}", request=request)

    assert recorded(number)["response"]["status"] == 0
    watch = ArgoCD("http://argocd.test", "token", "promo", transport=httpx.MockTransport(never)).watch("nope")
    assert watch.next(0.05) is None
    watch.close()


def _streaming(response: httpx.Response) -> ArgoCD:
    return ArgoCD("http://argocd.test", "token", "promo", transport=httpx.MockTransport(lambda _: response))


SAID = [
    (91, "Job/migrate-fail: Job has reached the specified backoff limit"),
    (92, 'Deployment.apps "bad" is invalid'),
    (132, "missing.yaml"),
    (144, "could not find the requested resource"),
    (253, "Job/integration-test: Job has reached the specified backoff limit"),
    (256, 'Deployment/web: Deployment "web" exceeded its progress deadline'),
    (208, r"^Argo CD cannot render the commit: failed to parse .*values\.json"),
    (213, r"^Argo CD cannot render the commit: execution error at .*owner is required"),
]


@pytest.mark.parametrize(("number", "why"), SAID, ids=lambda one: str(one)[:3])
def test_a_failure_says_what_a_person_must_mend(number: int, why: str) -> None:
    [row] = [row for row in JUDGED if row[0] == f"{number}/0"]
    [application] = seen_in(number)
    seen, known = serving(application).get("app"), _known(application, row[1], row[4:])
    assert re.search(why, _in_the_end(seen, known, assess_sync(seen, known)).sentence, re.DOTALL)
