"""What must hold of a run that died and began again, after each of the changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from liftgate_sandbox.town import REPOSITORY

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, readable
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import PREVIEWS, PROPOSALS, proposal_branch
from liftgate.domain.promotion.message import PLAN
from liftgate.domain.promotion.take_over import hand_made_of
from liftgate.integrations.git.history import find_change, history, place_commits
from liftgate.integrations.ledger import git_branch
from tests.committing import MAIN
from tests.services.moved.scene import APP, Scene

NAMES = (APP, "store")


LOCKED, GIVEN_UP = "dev is locked", "given up"


def broken(scene: Scene, *, needs_people: bool = False) -> list[str]:
    """Each rule that does not hold, in a sentence. `needs_people`: whether the run can end, or the environment be free,
    only after people mended something."""
    found = [*_broken(scene)]
    return [each for each in found if not each.startswith((LOCKED, GIVEN_UP))] if needs_people else found


def state(scene: Scene) -> dict[str, Any]:
    """What a second restart must leave as it is."""
    bare = scene.world.lab.town.forge.bare(REPOSITORY)
    slack = [(each.ts, each.text) for each in scene.world.lab.town.slack.store.state.messages]
    run = scene.world.read(scene.run)
    return {
        "end of the run": run.state,
        "main": bare.ref(MAIN),
        "ledger": bare.ref(git_branch.REF),
        "messages": slack,
        "runs": Counter(
            run.flow for run in scene.world.at.runs.find(flows=("promote", "update", "rollback", "take-over")).runs
        ),
        "branches": _own_branches(scene),
    }


def outside(scene: Scene) -> dict[str, Any]:
    """All that a run leaves when it dies."""
    town, runs = scene.world.lab.town, scene.world.at.runs
    argocd = town.argocd.state.application(f"{APP}-dev") or {}
    return {
        "refs": scene.world.lab.remote.git("for-each-ref"),
        "runs": [(run.id, run.name, run.state_name, runs.inputs(run.id)) for run in scene.runs()],
        "messages": [(each.ts, each.text, str(each.blocks)) for each in town.slack.store.state.messages],
        "pull request": scene.world.at.forge.find(proposal_branch(scene.run), "main"),
        "operation": argocd.get("operation") or argocd.get("status", {}).get("operationState", {}).get("operation"),
    }


def entries(scene: Scene) -> list[Entry]:
    remote = scene.world.lab.remote
    keys = [
        key
        for commit in remote.log(MAIN, paths=(ALLOWED_SIGNERS,), limit=10)
        if (file := remote.file(commit.sha, ALLOWED_SIGNERS))
        for key in readable(file.data.decode())
    ]
    if not remote.resolve(git_branch.REF):
        return []
    return git_branch.read_ledger(remote, tuple(keys))


def _believed(scene: Scene) -> list[Entry]:
    """What Liftgate has of the ledger: nothing that a key signed which was removed since."""
    scene.world.at.git.fetch()
    return scene.world.at.entries()


def _broken(scene: Scene) -> Iterator[str]:
    found, run = entries(scene), scene.world.read(scene.told)
    yield from _once(scene, found)
    mine = [each for each in _believed(scene) if each.promotion == identity(scene)]
    for entry in found:
        yield from _true(scene, entry)
    yield from _rests(scene, mine)
    if scene.is_given_up:
        yield f"{GIVEN_UP}: {run.message}"
    else:
        yield from _free(scene, _believed(scene))
    if mine and scene.kind not in ("rollback", "go back"):
        yield from _told(scene, mine[0])
    if run.state in ("COMPLETED", "FAILED") and not mine:
        yield from (
            f"the message is not ended: {each}" for each in _messages(scene) if not _is_ended(each, run.message)
        )
    if run.state in ("COMPLETED", "FAILED") and (left := _own_branches(scene)):
        yield f"left behind: {left}"


def identity(scene: Scene) -> str:
    """The promotion of the run."""
    run = scene.world.read(scene.run)
    return hand_made_of(run.parameters).promotion if run.flow == "take-over" else scene.told


def _once(scene: Scene, found: list[Entry]) -> Iterator[str]:
    commits = Counter(change.promotion for change in history(scene.world.lab.remote, MAIN) if change.promotion)
    yield from (f"{count} commits of {each}" for each, count in commits.items() if count > 1)
    recorded = Counter(entry.promotion for entry in found)
    yield from (f"{count} entries of {each}" for each, count in recorded.items() if count > 1)
    taken = Counter(
        each
        for change in history(scene.world.lab.remote, MAIN)
        for each in change.trailers.get("Reverts-Promotion", ())
    )
    yield from (f"{each} was taken back {count} times" for each, count in taken.items() if count > 1)


def _true(scene: Scene, entry: Entry) -> Iterator[str]:
    """The entry says what its commit shows."""
    remote = scene.world.lab.remote
    if not entry.revision:
        if entry.good:
            yield f"{entry.outcome} without a commit: {entry.sentence}"
        return
    if not remote.resolve(entry.revision):
        yield f"the entry names a commit that is nowhere: {entry.sentence}"
        return
    if entry.outcome == "rollback failed" and (newer := _on_top(scene, entry)):
        yield f"{newer} replaced it, but it is called failed: {entry.sentence}"
    version = _version(scene, entry.revision)
    if entry.good and version and entry.version not in (version, "", APP):
        yield f"the entry says {entry.version}, its commit has {version}: {entry.sentence}"
    change = find_change(remote, entry.revision)
    # A person who merges the proposal past the gate has no word of the plan in the merge, and is recorded as it was.
    if change.promotion == entry.promotion and PLAN in change.message:
        approvals = _approvals(scene, change.parents[0])
        if len(entry.approved_by) < approvals:
            yield f"{approvals} approvals were needed, {entry.approved_by} approved"


def _on_top(scene: Scene, entry: Entry) -> str:
    """A person's newer commit of other values."""
    remote = scene.world.lab.remote
    own, now = (remote.file(at, "configs/dev/values.json") for at in (entry.revision, MAIN))
    newest = next(history(remote, MAIN, paths=("configs/dev/values.json",)))
    is_later = newest.sha != entry.revision and not newest.promotion and newest.when <= entry.times.finished
    return newest.sha[:12] if is_later and (own and own.data) != (now and now.data) else ""


def _version(scene: Scene, commit: str) -> str:
    for name in ("values.json", "config.json"):
        if file := scene.world.lab.remote.file(commit, f"configs/dev/{name}"):
            return str(json.loads(file.data)["application"]["version"])
    return ""


def _approvals(scene: Scene, commit: str) -> int:
    file = scene.world.lab.remote.file(commit, "liftgate.json")
    assert file is not None
    policy = json.loads(file.data)["policy"].get("dev", {})
    return int(policy.get("approvals", {}).get("needed", 0))


def _rests(scene: Scene, mine: list[Entry]) -> Iterator[str]:
    run = scene.world.read(scene.told)
    if run.state in ("SCHEDULED", "RUNNING", "CRASHED", "PENDING"):
        yield f"it does not rest: {run.state} {run.state_name}: {run.message}"
    if run.state == "PAUSED":
        yield f"{GIVEN_UP}: it waits for a decision that no one can take"
    for said in scene.said[-1:]:
        if not said.message or "Traceback" in said.message or "no attribute" in said.message:
            yield f"it says {said}"
    if (
        run.state == "COMPLETED"
        and run.flow != "nightly"
        and run.state_name != "NothingToDo"
        and not mine
        and scene.kind != "rollback"
    ):
        yield f"completed without an entry: {run.state_name}: {run.message}"


def _free(scene: Scene, found: list[Entry]) -> Iterator[str]:
    """The newest commit there has its outcome, or its run is still there to give it."""
    remote = scene.world.lab.remote
    for change in place_commits(remote, MAIN, NAMES, "dev"):
        if any(entry.promotion == change.promotion for entry in found):
            return
        run = scene.world.at.runs.read(change.promotion)
        state = f"{run.state_name}: {run.message}" if run else "no run"
        yield f"{LOCKED} by {change.message.splitlines()[0]} ({state})"
        return


def _told(scene: Scene, entry: Entry) -> Iterator[str]:
    """The run's one message says what the entry says."""
    said = _messages(scene)
    if len(said) != 1:
        yield f"{len(said)} messages of the run"
    for each in said[-1:]:
        if entry.reason[:40] not in each and entry.sentence[:30] not in each:
            yield f"the message says {each}, the entry: {entry.sentence}"
        if "'approve'" in each:
            yield "the message still has buttons"


def _is_ended(said: str, reason: str) -> bool:
    return "'approve'" not in said and ("⛔" in said or reason[:30] in said)


def message(scene: Scene) -> str:
    """That of the run."""
    return "".join(_messages(scene))


def _messages(scene: Scene) -> list[str]:
    found = [(each.metadata or {}, each) for each in scene.world.lab.town.slack.store.state.messages]
    mine = [each for meta, each in found if meta.get("event_payload", {}).get("promotion") == scene.told]
    return [f"{each.text} {each.blocks}" for each in mine]


def _own_branches(scene: Scene) -> list[str]:
    out = scene.world.lab.remote.git("for-each-ref", "--format=%(refname:short)")
    return [name for name in out.split() if name.startswith((PROPOSALS, PREVIEWS))]
