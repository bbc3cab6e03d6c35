"""Show what a promotion (or, with --set or --unset, an update) would change.

It reads a clone's HEAD and needs no server.

A closed gate is not an error here: the answer shows the state of each gate.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import Answer, has_colour, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.signatures import accounts
from liftgate.cli.words import ALLOW_DOWNGRADE, add_changes
from liftgate.domain.approval import gate_preview
from liftgate.domain.approval.pause import holding
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning import diff
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.run_request import LATEST
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services import planning, signatures
from liftgate.services.checks import schema_verdict
from liftgate.services.choose_release import begins_in, choose_release
from liftgate.services.known_names import check_known
from liftgate.services.merge_base import entries_for
from liftgate.steps.registry import check_names

KEYS: Final = {
    "application": "application whose values change",
    "environment": "target environment",
    "kind": "promote or update",
    "release": "the release's id; empty for an update",
    "version": "the release's version",
    "source": "the commit that fixes the release",
    "path": "the values file; with several, the first of `files`",
    "files": "list of {file, path, changes}; the environment's files after the plan",
    "hash": "the plan's hash; people approve this hash",
    "older_than": "what the environment has, if the release is older; else empty",
    "first_time": "whether this is the first promotion to the environment",
    "rows": "list of {pointer, kind, before, after, sentence}, and file where there are several; secrets are masked",
    "gates": "list of {gate, state, reason}; if all passed, the promotion would not wait",
    "deliver": "push or pull-request",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="application whose values change")
    parser.add_argument("--to", metavar="ENVIRONMENT", required=True, help="target environment")
    parser.add_argument("--release", default=LATEST, help="a version, a release id, or a commit")
    parser.add_argument("--allow-downgrade", action="store_true", help=ALLOW_DOWNGRADE)
    add_changes(parser)
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused for an unknown name, or values that are not valid JSON."""
    clone = Clone(given.repo)
    tree = clone.tree
    name, environment = given.application, given.to
    check_known(tree, name, environment)
    check_names(tree.configuration)
    entries = entries_for(clone, tree, name, environment)
    if given.set or given.unset:
        plan = planning.update(tree, name, environment, dict(given.set), given.unset, given.file)
    else:
        release = newest(tree, entries, name, environment, given.release)
        today, allowed = SystemClock().now().date(), given.allow_downgrade
        plan = planning.promote(tree, release, environment, today, entries, allow_downgrade=allowed)
    policy = tree.configuration.policy_of(environment)
    pause = holding(clone.pauses(), environment)
    mine = ledger.by_place(entries)
    first = begins_in(tree, environment, lambda place: bool(ledger.restorable(mine[name, place])))
    gates = gate_preview.gates(plan, policy, entries, SystemClock().now(), pause, first)
    gates |= {"schema": verdict} if (verdict := schema_verdict(tree, plan)) else {}
    if signatures.rule_of(tree, environment):
        judged = signatures.verdict_of(tree, accounts(), entries, plan)
        gates |= {"signatures": judged} if judged else {}
    return Answer(_text(plan, gates), _data(plan, gates) | {"deliver": policy.deliver or "push"})


def newest(tree: ConfigSnapshot, entries: list[Entry], name: str, environment: str, wanted: str) -> Release:
    """The wanted release; the newest one of all while upstream has verified none."""
    upstream = tree.configuration.policy_of(environment).after or ()
    nothing_yet = upstream and not ledger.last_verified(ledger.entries_of(entries, name, upstream[0]))
    if wanted == LATEST and nothing_yet:
        return tree.newest_release(name)
    return choose_release(tree, entries, name, environment, wanted)


def _text(plan: Plan, gates: dict[str, Verdict]) -> str:
    colours = {"passed": "green", "failed": "red", "pending": "yellow"}
    lines = [diff.plan_terminal(plan, colour=has_colour())]
    for gate, verdict in gates.items():
        lines.append(f"{gate}: " + paint(f"{verdict.state}: {verdict.reason}", colours.get(verdict.state, "dim")))
    return "\n".join(lines)


def _data(plan: Plan, gates: dict[str, Verdict]) -> dict[str, Any]:
    return {
        "application": plan.application,
        "environment": plan.environment,
        "kind": plan.kind,
        "release": plan.release_id,
        "version": plan.version,
        "source": plan.source,
        "path": plan.paths[0] if plan.paths else "",
        "files": [{"file": each.file, "path": each.path, "changes": len(each.edits)} for each in plan.files],
        "hash": plan.hash,
        "older_than": plan.older_than,
        "first_time": plan.first_time,
        "rows": [row.model_dump() for row in plan.rows],
        "gates": [{"gate": gate, "state": v.state, "reason": v.reason} for gate, v in gates.items()],
    }
