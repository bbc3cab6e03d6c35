"""What must hold however much broke: read from Git, the ledger, the chat and Prefect, never from what was asked for."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from liftgate.domain.ledger.ledger import REACHED_SYNC, Entry
from liftgate.domain.promotion.attempt import PREVIEWS, PROPOSALS
from liftgate.domain.promotion.message import ENVIRONMENT
from liftgate.domain.promotion.take_over import FLOW, promotion_of
from liftgate.integrations.git.history import Change
from liftgate.integrations.ledger.git_branch import REF
from tests.chaos.operations import BY_HAND
from tests.chaos.system import System

ENVIRONMENTS: Final = ("dev", "staging", "prod")
ALIVE: Final = ("SCHEDULED", "PENDING", "RUNNING", "CANCELLING")
PAGE: Final = 200


@dataclass(frozen=True)
class Facts:
    runs: tuple[Mapping[str, Any], ...] = ()
    """As Prefect's REST has them, subflows too."""
    commits: tuple[Change, ...] = ()
    """Of the branch, newest first, with what is proven of them."""
    entries: tuple[Entry, ...] = ()
    rewritten: tuple[str, ...] = ()
    """Paths of entries that a later commit of the ledger changed or removed."""
    messages: tuple[str, ...] = ()
    """The promotion that each message of the channel is about."""
    repeated: tuple[tuple[str, str, int], ...] = ()
    """Lines that stand several times in the thread of one message: the promotion, the line, how often."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By commit of ours, the values of its environment after it; by `ENVIRONMENT`, those on the branch now."""
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By commit of ours, the values of its environment before it."""
    served: Mapping[str, str] = field(default_factory=dict)
    """The version that each environment's application answers with."""
    branches: tuple[str, ...] = ()

    @property
    def ours(self) -> tuple[Change, ...]:
        return tuple(each for each in self.commits if each.promotion)


def gather(system: System) -> Facts:
    lab = system.lab
    mirror = lab.mirror("facts")
    mirror.fetch()
    commits = tuple(lab.commits())
    values, before = {}, {}
    for each in commits:
        if each.promotion:
            path = f"configs/{each.trailer(ENVIRONMENT)}/values.json"
            values[each.sha] = _json(mirror.file(each.sha, path))
            before[each.sha] = _json(mirror.file(each.parents[0], path))
    changed = ("log", "--diff-filter=MDT", "--name-only", "--format=", REF, "--", "entries")
    messages = [each for each in lab.town.slack.store.state.messages if not each.only_for]
    about = [(each.ts, _promotion(each.metadata)) for each in messages if not each.thread_ts]
    lines = Counter((each.thread_ts, each.text) for each in messages if each.thread_ts not in (None, each.ts))
    return Facts(
        runs=tuple(read_runs(system)),
        commits=commits,
        entries=tuple(each for name in ENVIRONMENTS for each in lab.entries(name)),
        rewritten=tuple(mirror.git.run(*changed).out.decode().split()) if mirror.resolve(REF) else (),
        messages=tuple(promotion for _, promotion in about if promotion),
        repeated=tuple((dict(about)[ts], line, count) for (ts, line), count in lines.items() if count > 1),
        values=values | {name: lab.json(name) for name in ENVIRONMENTS},
        before=before,
        served={name: lab.serves(name) for name in ENVIRONMENTS},
        branches=tuple(
            mirror.git.run("ls-remote", "--heads", "origin", f"{PREVIEWS}*", f"{PROPOSALS}*").out.decode().split()[1::2]
        ),
    )


def read_runs(system: System) -> Iterator[Mapping[str, Any]]:
    for offset in itertools.count(0, PAGE):
        page = system.call("POST", "/flow_runs/filter", {"limit": PAGE, "offset": offset, "sort": "ID_DESC"})
        yield from (run for run in page if not run["auto_scheduled"])  # those of a later night
        if len(page) < PAGE:
            return


def _json(file: Any) -> Mapping[str, Any]:
    return dict(json.loads(file.data)) if file else {}


def _promotion(metadata: Mapping[str, Any] | None) -> str:
    return str((metadata or {}).get("event_payload", {}).get("promotion", ""))


def unhealed(facts: Facts) -> list[str]:
    """What still goes on, or has no outcome; of runs only people may be waited for."""
    return [*_left_running(facts), *_crashed(facts), *_locked(facts)]


def broken(facts: Facts) -> list[str]:
    return [said for rule in RULES for said in rule(facts)]


def _left_running(facts: Facts) -> Iterator[str]:
    for run in facts.runs:
        if run["state_type"] in ALIVE:
            yield f"the run {run['name']} ({run['id']}) is still {run['state_name']}"


def _crashed(facts: Facts) -> Iterator[str]:
    for run in facts.runs:
        if run["state_type"] == "CRASHED" and run["deployment_id"]:
            yield f"the run {run['name']} ({run['id']}) crashed and does not go on: {run['state'].get('message')}"


def _one_commit(facts: Facts) -> Iterator[str]:
    for promotion, count in Counter(each.promotion for each in facts.ours).items():
        if count > 1:
            yield f"{promotion} has {count} commits"


def _locked(facts: Facts) -> Iterator[str]:
    over = {each.promotion for each in facts.entries}
    for each in facts.ours:
        if each.promotion not in over:
            yield f"the commit {each.sha[:12]} of {each.promotion} locks {each.trailer(ENVIRONMENT)}: it has no outcome"


def _one_entry(facts: Facts) -> Iterator[str]:
    for promotion, count in Counter(each.promotion for each in facts.entries).items():
        if count > 1:
            yield f"{promotion} has {count} entries"
    for path in facts.rewritten:
        yield f"the entry {path} was changed after it was written"
    hands = Counter(each.revision for each in facts.entries if each.by_hand)
    for commit, count in hands.items():
        if count > 1:
            yield f"the commit {commit[:12]} that a person made was taken over {count} times"


def _entries_name_commits(facts: Facts) -> Iterator[str]:
    known, committed = {each.sha for each in facts.commits}, {each.promotion for each in facts.ours}
    for each in facts.entries:
        at_its_gate = each.outcome == "superseded" and not each.revision
        if at_its_gate and each.promotion in committed:
            yield f"the entry of {each.promotion} ({each.outcome}) names no commit, but there is one"
        if each.outcome in REACHED_SYNC and not at_its_gate and each.revision not in known:
            yield f"the entry of {each.promotion} ({each.outcome}) names {each.revision!r}, which is not on the branch"


def _runs_of(facts: Facts) -> Mapping[str, str]:
    """By promotion the id of its run. A take-over's promotion has another id than its run, and the message names the
    run. Messages without a run stand for themselves."""
    runs = {_promotion_of(run): str(run["id"]) for run in facts.runs}
    return {told: told for told in facts.messages if told not in runs.values()} | runs


def _promotion_of(run: Mapping[str, Any]) -> str:
    given = run.get("parameters") or {}
    return promotion_of(FLOW if "commit" in given else "", str(run["id"]), given)


def _one_message(facts: Facts) -> Iterator[str]:
    counts = Counter(facts.messages)
    for promotion, count in counts.items():
        if count > 1:
            yield f"people were told {count} times of {promotion}"
    told = {promotion for promotion, run in _runs_of(facts).items() if run in counts}
    for each in facts.entries:
        if each.by_hand and each.outcome == "superseded":  # below a promotion's commit: that run tells only a bypass
            continue
        if not told.intersection((each.promotion, each.reverts)):  # a rollback in the same run has no own one
            yield f"people were not told of {each.promotion}: {each.kind} to {each.environment}, {each.outcome}"
    backwards = Counter(each.reverts for each in facts.entries)  # a rollback in the same run says its own lines there
    for promotion, line, count in facts.repeated:
        if count > 1 + backwards[promotion]:
            yield f"a thread says {count} times: {line}"


def _says_what_happened(facts: Facts) -> Iterator[str]:
    outcomes = {each.promotion: each.outcome for each in facts.entries}
    names = {"Promoted": "promoted", "RolledBack": "rolled back"}
    states = {run["id"]: run["state_name"] for run in facts.runs}
    for promotion, run in _runs_of(facts).items():
        wanted = names.get(states.get(run, ""))
        if wanted and outcomes.get(promotion) != wanted:
            yield f"the run {run} says {states[run]}, the ledger {outcomes.get(promotion)}"


def _right_values(facts: Facts) -> Iterator[str]:
    after = {each.promotion: facts.values[each.sha] for each in facts.ours}
    before = {each.promotion: facts.before[each.sha] for each in facts.ours}
    for each in facts.entries:
        has = _version(after.get(each.promotion, {}))
        if each.kind == "promote" and each.outcome == "promoted" and has != each.version:
            yield f"{each.promotion} promoted {each.version}, but its commit has {has}"
        was = _version(before.get(each.reverts, {}))
        if each.kind == "rollback" and each.good and each.reverts and not each.restores and has and was and has != was:
            yield f"{each.promotion} took back {each.reverts}: its commit has {has}, before that was {was}"
    backwards = {each.promotion for each in facts.entries if each.kind == "rollback"}
    for change in facts.ours:
        one, other = (_by_hand(each[change.sha]) for each in (facts.before, facts.values))
        if one != other and change.promotion not in backwards:
            yield f"the commit {change.sha[:12]} changed what a person set by hand: {one} became {other}"


def _served(facts: Facts) -> Iterator[str]:
    for name, version in facts.served.items():
        if version != (wanted := _version(facts.values[name])):
            yield f"{name} serves {version}, and Git has {wanted}"


def _tidy(facts: Facts) -> Iterator[str]:
    waiting = {str(run["id"]) for run in facts.runs if run["state_type"] == "PAUSED"}
    for branch in facts.branches:
        if branch.rpartition("/")[2] not in waiting:
            yield f"the branch {branch} of a promotion that is over is left"


def _version(values: Mapping[str, Any]) -> str:
    return str(values.get("application", {}).get("version", ""))


def _by_hand(values: Mapping[str, Any]) -> Any:
    return values.get("application", {}).get("environment", {}).get("configs", {}).get(BY_HAND)


RULES: Final[tuple[Callable[[Facts], Iterator[str]], ...]] = (
    _left_running,
    _crashed,
    _one_commit,
    _locked,
    _one_entry,
    _entries_name_commits,
    _one_message,
    _says_what_happened,
    _right_values,
    _served,
    _tidy,
)


def waiting(facts: Facts) -> list[str]:
    """At the very end, when people have decided everything."""
    return [
        f"the run {run['name']} ({run['id']}, {run['parameters']}) still waits: {run['state']}"
        for run in facts.runs
        if run["state_type"] == "PAUSED"
    ]
