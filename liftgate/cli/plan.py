"""Show what a promotion (or, with --set, an update) would change, from a clone's HEAD, without any server.

Never refuses for a gate: it says which gates do not hold.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import Answer, has_colour, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.words import add_changes, changes_of
from liftgate.domain import diff, ledger, outlook
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.release import Release
from liftgate.domain.stop import holding
from liftgate.domain.verdict import Verdict
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git import stops
from liftgate.integrations.git.tree import Tree
from liftgate.services import planning
from liftgate.services.candidates import LATEST, choose
from liftgate.steps.registry import check_names

KEYS: Final = {
    "application": "whose values",
    "environment": "where they go",
    "kind": "promote or update",
    "release": "the release's id; empty for an update",
    "version": "the release's version",
    "source": "the commit the release is fixed at",
    "path": "the values file",
    "hash": "the plan's hash, which approvals are for",
    "first_time": "whether no release was promoted there before",
    "rows": "list of {pointer, kind, before, after, sentence}; secrets are masked",
    "gates": "list of {gate, state, reason}; all of them passed: nothing would wait",
    "deliver": "push or pull-request",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="whose values")
    parser.add_argument("--to", metavar="ENVIRONMENT", required=True, help="where they go")
    parser.add_argument("--release", default=LATEST, help="a version, a release's id, or a commit")
    add_changes(parser)
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused for an unknown word, or values that are not sound JSON."""
    clone = Clone(given.repo)
    tree = clone.tree
    name, environment = given.application, tree.environment(given.to)
    tree.application(name)
    check_names(tree.configuration)
    entries, changes = clone.entries(), changes_of(given)
    if changes:
        plan = planning.update(tree, name, environment, changes)
    else:
        release = newest(tree, entries, name, environment, given.release)
        plan = planning.promote(tree, release, environment, SystemClock().now().date())
    policy = tree.configuration.policy_of(environment)
    stop = holding(stops.read(clone.repository, stops.REMOTES), environment)
    gates = outlook.gates(plan, policy, entries, SystemClock().now(), stop)
    return Answer(_text(plan, gates), _data(plan, gates) | {"deliver": policy.deliver or "push"})


def newest(tree: Tree, entries: list[Entry], name: str, environment: str, wanted: str) -> Release:
    """The release that is meant; while upstream has verified nothing, the newest one there is."""
    upstream = tree.configuration.policy_of(environment).after or ()
    nothing_yet = upstream and not ledger.last_verified(ledger.of(entries, name, upstream[0]))
    if wanted == LATEST and nothing_yet:
        return tree.newest_release(name)
    return choose(tree, entries, name, environment, wanted, check=False)


def _text(plan: Plan, gates: dict[str, Verdict]) -> str:
    colours = {"passed": "green", "failed": "red", "pending": "yellow"}
    lines = [diff.as_terminal(plan, colour=has_colour())]
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
        "path": plan.path,
        "hash": plan.hash,
        "first_time": plan.first_time,
        "rows": [row.model_dump() for row in plan.rows],
        "gates": [{"gate": gate, "state": v.state, "reason": v.reason} for gate, v in gates.items()],
    }
