"""The night looks at each application first: its answer is the run's own, and it starts only the other runs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.ledger.entry_file import EntryFile
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PROMOTION_ID, SOURCE, SOURCE_PATH, compose
from liftgate.domain.promotion.nightly import NightRequest, nightly_summary
from liftgate.errors import LiftgateError
from liftgate.integrations.git import kept_answers, newest_commits
from liftgate.integrations.ledger import git_branch
from liftgate.services import nightly
from liftgate.services.pauses import pause
from liftgate.services.standing import nothing_to_change
from liftgate.services.unchanged import unchanged
from liftgate.settings import Settings
from liftgate.wiring import Integrations
from tests.examples import WORKER, entry, text
from tests.flows.test_nightly import named
from tests.integrations.git.counting import count_costs
from tests.lab import configured
from tests.server.world import World
from tests.services.test_recovery_calls import Counting
from tests.services.walk import walk

NOTHING, RUN = "nothing to do", "a run"
SEARCH = "/application/features/search"
PASSWORD = "correct-horse-battery"
CASES = {
    "same": NOTHING,
    "newer": RUN,
    "older": RUN,
    "other-search": NOTHING,
    "by-hand": NOTHING,
    "own-value": NOTHING,
    "conflict": RUN,
    "ahead": NOTHING,
    "ahead-of-newer": RUN,
    "not-json": RUN,
    "base-not-json": RUN,
    "no-file": RUN,
    "no-base": RUN,
    "misfit": RUN,
    "secret": RUN,
    "pinned": NOTHING,
    "renamed": RUN,
    "without-argocd": RUN,
    "rolled-back": RUN,
    "never-promoted": RUN,
    "never-promoted-newer": RUN,
    "ciphertext": NOTHING,
    "open": RUN,
}
"""Each application by what happened to it since its promotion, and what the night does with it."""
UNPROMOTED = ("never-promoted", "never-promoted-newer")
STRICTER = {"properties": {"application": {"required": ["owner"]}}}


@pytest.fixture(autouse=True)
def one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest commits are found as where there are many applications."""
    monkeypatch.setattr(newest_commits, "WORTH", 1)


def of(name: str, place: str, version: str = "2.0.1", **more: Any) -> dict[str, Any]:
    made = named(name, place, version)
    return made | {"application": made["application"] | more}


def base(name: str) -> str:
    return f"configs/base/{name}/values.json"


def dev(name: str) -> str:
    return f"configs/dev/{name}/values.json"


def settled(world: World, *names: str) -> None:
    """Applications whose release was promoted to dev and verified; one Argo CD Application stands for all of them."""
    configure(world, names)
    files: dict[str, bytes | None] = {base(name): text(of(name, "base")) for name in names}
    files |= {dev(name): text(of(name, "dev")) for name in names}
    source = world.lab.commit(files)
    world.at.git.fetch()
    for name in names:
        if name not in UNPROMOTED:
            promoted(world, name, source)
    world.at.git.fetch()


def promoted(world: World, name: str, source: str, count: int = 0) -> None:
    """As Git and the ledger have it afterwards."""
    run, outcome = f"{name}-{count}", "rolled back" if name == "rolled-back" else "promoted"
    pairs = [
        (PROMOTION_ID, run),
        (APPLICATION, name),
        (ENVIRONMENT, "dev"),
        (SOURCE, source),
        (SOURCE_PATH, base(name)),
    ]
    release = world.at.tree(source).newest_release(name)
    values: dict[str, bytes | None] = {dev(name): text(of(name, "dev", release.version, count=count))}
    sha = world.lab.commit(values, compose("Promote", "", pairs), WORKER)
    what = {"promotion": run, "application": name, "environment": "dev", "outcome": outcome, "revision": sha}
    ended = entry(**what, version=release.version, release=release.id, source=source)
    file = EntryFile(path=dev(name), source_path=base(name))
    world.at.git.fetch()
    git_branch.append_entry(world.at.git, ended.copy_with(files=(file,)), {}, world.at.author, WORKER)


def configure(world: World, names: Any, applications: Any = None, **more: Any) -> None:
    listed: dict[str, Any] = {name: {"folder": name, "argocd": "example-app-{environment}"} for name in names}
    written = configured(world.lab, applications=listed | (applications or {}), **more)
    world.lab.commit({"liftgate.json": text(written)})


def change_all(world: World) -> None:
    """What happened since, to each as its name says."""
    names = [name for name in CASES if name != "renamed"]
    odd = {
        "misfit": {"folder": "misfit", "argocd": "example-app-{environment}", "schema": "schemas/stricter.json"},
        "without-argocd": {"folder": "without-argocd", "argocd": "none-{environment}"},
        "renamed": {"folder": "renamed", "argocd": "example-app-{environment}", "was": "former"},
    }
    pins = [{"environment": "dev", "application": "pinned", "pointer": SEARCH, "owner": "ada", "reason": "later"}]
    configure(world, names, odd, pins=pins)
    own = {"name": "dev", "configs": {"logLevel": "debug"}}
    sealed = {"name": "dev", "configs": {"password": "ENC[AES256_GCM,data:0bQ1aw==,iv:aQ==,tag:bQ==,type:str]"}}
    off = {"search": False}
    world.lab.commit(
        {
            base("newer"): text(of("newer", "base", "2.0.2")),
            base("older"): text(of("older", "base", "1.9.0")),
            base("other-search"): text(of("other-search", "base")) + b"\n",
            dev("by-hand"): text(of("by-hand", "dev", features=off)),
            dev("own-value"): text(of("own-value", "dev", environment=own)),
            base("conflict"): text(of("conflict", "base", "2.0.2", features=off)),
            dev("conflict"): text(of("conflict", "dev", features={"search": "new"})),
            dev("ahead"): text(of("ahead", "dev", "3.0.0")),
            base("ahead-of-newer"): text(of("ahead-of-newer", "base", "2.0.2")),
            dev("ahead-of-newer"): text(of("ahead-of-newer", "dev", "3.0.0")),
            dev("not-json"): b"{",
            base("base-not-json"): b"{",
            dev("no-file"): None,
            base("no-base"): None,
            "schemas/stricter.json": text(STRICTER),
            dev("secret"): text(of("secret", "dev", environment={"name": "dev", "configs": {"password": PASSWORD}})),
            dev("pinned"): text(of("pinned", "dev", features=off)),
            dev("ciphertext"): text(of("ciphertext", "dev", environment=sealed)),
            base("never-promoted-newer"): text(of("never-promoted-newer", "base", "2.0.2")),
        }
    )
    rename(world, "former", "renamed")
    world.at.git.fetch()


def rename(world: World, before: str, after: str) -> None:
    moved: dict[str, bytes | None] = {base(before): None, dev(before): None}
    for place in (base, dev):
        file = world.lab.remote.file("refs/heads/main", place(before))
        assert file is not None
        value = json.loads(file.data)
        value["application"]["name"] = after
        moved[place(after)] = text(value)
    world.lab.commit(moved)


def looked(at: Integrations) -> dict[str, str]:
    """By application what the night says of those that get no run."""
    origin = Origin(requester=Requester(name="rosa"), before="night")
    found = unchanged(at, at.tree(at.git.fetch()), "dev", origin, "nightly promotion")
    assert all(change.application == name for name, change in found.items())
    return {name: change.unchanged for name, change in found.items()}


def its_run(world: World, name: str) -> str:
    """What the run itself ends with, as far as it needs no person."""
    kept_answers.forget_answers()
    run = walk(world, application=name, to="dev", reason="nightly promotion")
    try:
        change = run.begin()
        verdict, plan = run.validated(change), run.plan(change)
    except LiftgateError as error:
        return f"failed: {error}"
    if verdict.failed or not plan.is_empty:
        return verdict.reason if verdict.failed else "promoted"
    _, result = nothing_to_change(run.at, change)
    return change.unchanged if result else "verified"


@pytest.mark.parametrize("paused", [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_night_says_what_the_run_would_say(running: World, *, paused: bool) -> None:
    settled(running, *(name if name != "renamed" else "former" for name in CASES))
    change_all(running)
    running.run(application="open", to="dev", release="latest verified")
    if paused:
        pause(running.at, "ada", "dev", "an incident", running.at.server_author)
    found = looked(running.worker)
    assert {name: NOTHING if name in found else RUN for name in CASES} == CASES
    said = {name: its_run(running, name) for name in CASES}
    assert found == {name: each for name, each in said.items() if each.startswith(NOTHING) and name != "open"}


def test_a_step_that_looks_elsewhere_decides_in_a_run(running: World) -> None:
    steps = {"stages": [{"name": "validate", "steps": ["json-lint", "sops-decrypt"]}]}
    settled(running, "one")
    assert looked(running.worker).keys() == {"one"}
    configure(running, ["one"], pipeline=steps)
    assert looked(running.worker) == {}


def test_without_argocd_and_with_a_key_that_nobody_knows_each_application_gets_its_run(running: World) -> None:
    settled(running, "one")
    argocd = running.worker.settings.argocd.model_copy(update={"url": ""})
    assert looked(with_settings(running, argocd=argocd)) == {}
    running.lab.commit({".liftgate/allowed_signers": b""})
    assert looked(running.worker) == {}


def with_settings(world: World, **changes: Any) -> Integrations:
    settings: Settings = world.worker.settings.model_copy(update=changes)
    at = Integrations(settings)
    at.runs, at.key_holder = world.worker.runs, world.worker.key_holder
    return at


def night_of(world: World, run: str) -> str:
    environment, ended = nightly.night(world.worker, run, NightRequest(minutes=0))
    return nightly_summary(environment, ended)


def started(world: World) -> list[str]:
    runs = world.at.runs.find(flows=("promote",)).runs
    return sorted(str(run.parameters["application"]) for run in runs if run.name.endswith("nightly → dev"))


def test_a_night_starts_a_run_only_where_something_is_new_and_begun_again_says_the_same(running: World) -> None:
    settled(running, "one", "two", "three")
    newer = running.lab.commit({base("two"): text(of("two", "base", "2.0.2"))})
    night = running.at.runs.create("nightly", {"minutes": 0}).id
    running.put(night, "RUNNING")
    assert night_of(running, night) == "dev: 2 nothing to do, 1 still running"
    assert started(running) == ["two"]
    promoted(running, "two", newer, 1)
    (run,) = [run for run in running.at.runs.find(flows=("promote",)).runs if run.name.endswith("nightly → dev")]
    running.put(run.id, "COMPLETED", "Promoted", "in dev")
    assert looked(running.worker).keys() == {"one", "two", "three"}
    assert night_of(running, night) == "dev: 1 promoted, 2 nothing to do"
    assert started(running) == ["two"]


@pytest.mark.parametrize("number", [2, 6])
def test_an_application_without_news_costs_no_request(
    running: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    settled(running, *(f"app-{each}" for each in range(number)))
    night = running.at.runs.create("nightly", {"minutes": 0}).id
    running.put(night, "RUNNING")
    calls, costs = Counter[str](), count_costs(monkeypatch)
    for role in ("runs", "overview", "deployer", "forge", "chat"):
        monkeypatch.setattr(running.worker, role, Counting(getattr(running.worker, role), calls))
    assert night_of(running, night) == f"dev: {number} nothing to do"
    assert calls["all"] == 1
    assert calls.total() <= 7, calls
    assert costs["processes"] <= 6, "one walk along the branch"
