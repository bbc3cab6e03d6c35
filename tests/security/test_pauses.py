"""Everyone who may push may pause; to delete the branch again lifts nothing. Only a signature does."""

from __future__ import annotations

import json

import pytest

from liftgate.domain.approval.pause import RESUMES, Pause, Resume, place_in
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.commits import signature
from liftgate.integrations.git import pauses
from liftgate.integrations.ledger import git_branch, pause_files
from liftgate.services import approvals
from liftgate.services.pauses import PauseWatch
from tests.clocks import Ahead
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER
from tests.flows.faults import fault, heal
from tests.integrations.conftest import AUTHOR
from tests.security.test_commits import PERSON
from tests.server.conftest import running, world
from tests.server.world import World
from tests.services.conftest import deployed
from tests.services.walk import walk

__all__ = ["deployed", "running", "world"]


def paused(world: World, environment: str = "prod", *, kept: bool = True) -> Pause:
    """By git alone, and seen by the server."""
    mirror = world.lab.remote
    pauses.add_pause(mirror, environment, "incident 7", AUTHOR, NOW)
    return looked(world, kept=kept)[0]


def looked(world: World, *, kept: bool = True) -> list[Pause]:
    """What the server says after its next look."""
    world.at.git.fetch()
    return PauseWatch(world.at).look() if kept else world.at.pauses()


def deleted(world: World, pause: Pause) -> None:
    mirror = world.lab.remote
    pauses.remove_branch(mirror, place_in(pause.id))


def said(world: World) -> str:
    """In the chat."""
    return "\n".join(str(each.blocks) + each.text for each in world.lab.town.slack.store.state.messages)


def test_a_deleted_branch_lifts_nothing_and_people_are_told_once(world: World) -> None:
    pause = paused(world)
    deleted(world, pause)
    (standing,) = looked(world)
    assert standing == pause.copy_with(branch_deleted=True)
    assert "its branch was deleted without a signed statement" in world.board()
    assert "its branch was deleted" in world.http().get("/pause").text
    assert "liftgate_pauses_without_branch 1.0" in world.http().get("/metrics").text
    looked(world)
    assert said(world).count("a pause lost its branch") == 2, "one message: its blocks and its text"
    other = world.another()
    other.git.fetch()
    assert other.pauses() == [standing], "every server reads the same"


@pytest.mark.parametrize(("minutes", "told"), [(9, 2), (11, 0)])
def test_a_chat_that_is_down_is_tried_again_for_ten_minutes(world: World, minutes: int, told: int) -> None:
    deleted(world, paused(world))
    world.at.clock = clock = Ahead()
    world.at.git.fetch()
    watch = PauseWatch(world.at)
    fault(world.lab, "slack", "status-503")
    for clock.ahead in (0.0, minutes * 60.0):
        watch.look()
    heal(world.lab, "slack")
    for _ in range(2):
        watch.look()
    assert said(world).count("a pause lost its branch") == told, "one message: its blocks and its text"


def test_a_person_lifts_it_on_the_page_and_it_can_be_paused_again(world: World) -> None:
    pause = paused(world)
    deleted(world, pause)
    looked(world)
    http = world.http("grace", origin=world.url)
    assert http.post("/pause", data={"environment": "prod", "what": "resume"}).status_code == 303
    assert looked(world) == []
    data = world.at.git.file(git_branch.REF, f"pauses/{pause.id}.lifted")
    assert data is not None
    assert json.loads(data.data)["statement"] | {"at": ""} == {"pause": pause.id, "person": "grace", "at": ""}
    assert "liftgate_pauses_without_branch 0.0" in world.http().get("/metrics").text
    again = paused(world)
    assert (again.id, again.environment) == (pause.id[:-1] + "1", "prod"), "the same commit: another pause"
    deleted(world, again)
    assert [each.id for each in looked(world)] == [again.id], "what lifted the first does not lift the second"


def test_the_page_signs_who_paused(world: World) -> None:
    http = world.http("ada", origin=world.url)
    assert http.post("/pause", data={"environment": "", "reason": "incident 7", "what": "pause"}).status_code == 303
    (standing,) = looked(world)
    assert (standing.by, standing.reason, standing.is_proven) == ("ada", "incident 7", True)


@pytest.mark.parametrize("by", ["worker", "server for another pause", "person for another pause", "person", "nobody"])
def test_nothing_else_lifts_it(world: World, by: str) -> None:
    pause = paused(world)
    deleted(world, pause)
    other = pause.id[:-1] + "7"
    lifted = Resume(pause=other if "another" in by else pause.id, person="ada", at=NOW)
    key, namespace = (SERVER, signature.VOTES) if "server" in by else (WORKER, signature.LEDGER)
    data = sign_statement(lifted, key, namespace).encode()
    mirror = world.lab.remote
    if "person" in by:
        allowed = (signature.COMMITS,) if by == "person" else signature.MAINTAINER
        line = signature.allowed_line("ada@example.com", allowed, signature.public_bytes(PERSON))
        world.lab.commit({".liftgate/allowed_signers": f"{ALLOWED_SIGNERS}{line}\n".encode()})
        sha = mirror.write("", {}, f"Resume\n\n{RESUMES}: {lifted.pause}\n", NOW, AUTHOR, PERSON)
        assert mirror.push(sha, f"refs/heads/{pauses.RESUMES}{pause.id}", "") == "pushed"
    else:
        tip = mirror.resolve(git_branch.REF)
        files: dict[str, bytes | None] = {f"pauses/{pause.id}.lifted": b"{}" if by == "nobody" else data}
        assert mirror.push(mirror.write(tip, files, "x\n", NOW, AUTHOR, None), git_branch.REF, tip) == "pushed"
    assert [each.branch_deleted for each in looked(world)] == [True]
    http = world.http("grace", origin=world.url)
    assert http.post("/pause", data={"environment": "prod", "what": "resume"}).status_code == 303
    assert looked(world) == [], "what is there already does not keep the page from lifting it"


def test_a_maintainers_signed_commit_lifts_it_for_good(world: World) -> None:
    line = signature.allowed_line("ada@example.com", signature.MAINTAINER, signature.public_bytes(PERSON))
    world.lab.commit({".liftgate/allowed_signers": f"{ALLOWED_SIGNERS}{line}\n".encode()})
    pause = paused(world)
    mirror = world.lab.remote
    sha = mirror.write("", {}, f"Resume\n\n{RESUMES}: {pause.id}\n", NOW, AUTHOR, PERSON)
    branch = f"refs/heads/{pauses.RESUMES}{pause.id}"
    pauses.remove_branch(mirror, place_in(pause.id))
    assert mirror.push(sha, branch, "") == "pushed"
    assert looked(world, kept=False) == []
    assert looked(world) == []
    mirror.remove(branch)
    assert looked(world) == [], "the ledger keeps it"


def test_what_lies_unreadable_in_the_ledger_as_a_pause_is_one(world: World) -> None:
    """It must not keep a true pause from being kept."""
    commit = pauses.add_pause(world.lab.remote, "prod", "incident 7", AUTHOR, NOW)
    mirror = world.lab.remote
    files: dict[str, bytes | None] = {f"pauses/pause/prod/{commit}-0.json": b"\xff", "pauses/else.json": b"{}"}
    tip = mirror.resolve(git_branch.REF)
    assert mirror.push(mirror.write(tip, files, "x\n", NOW, AUTHOR, None), git_branch.REF, tip) == "pushed"
    (pause,) = looked(world)
    deleted(world, pause)
    assert [each.branch_deleted for each in looked(world)] == [True]


def test_a_worker_keeps_the_pause_that_its_gate_sees(deployed: World) -> None:
    """An installation may have no server."""
    run = walk(deployed, to="dev")
    change = run.begin()
    plan = run.plan(change)
    pauses.add_pause(deployed.lab.remote, "dev", "incident 7", AUTHOR, NOW)
    run.at.git.fetch()
    assert approvals.gate(run.at, change, plan).waits
    (pause,) = run.at.pauses()
    deleted(deployed, pause)
    run.at.git.fetch()
    decision = approvals.gate(run.at, change, plan)
    assert "its branch was deleted without a signed statement" in decision.reason
    assert pause_files.unnoted(run.at.git, run.at.latest.signers, run.at.pauses()) == []
