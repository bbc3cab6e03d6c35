"""Write `liftgate.json` and JSON Schemas for a repository that already has environments.

It finds environments and values files by folders and file names in the commit HEAD, and owner rules by Git's history
and by the form of the values. The policy that it writes asks for an approval in each environment that is production by
its name, and in the last one. It shows what it found and what it is unsure of. It moves and changes no file. On a
terminal it asks before it writes; elsewhere give --yes, or --dry-run to write nothing.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from shlex import join
from typing import Any, Final

from liftgate.cli.answer import Answer, Usage, ask, confirm, is_asked, paint, say, table
from liftgate.cli.ci_files import PATHS, add_ci, ci_files
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.folder import put
from liftgate.domain.adoption.doubts import doubts_about_rules, doubts_about_versions, shown
from liftgate.domain.adoption.layout import Application, Environment
from liftgate.domain.adoption.proposal import Proposal
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.common.plain import printable
from liftgate.domain.config.configuration import FILE, Configuration
from liftgate.domain.planning.rules import VERSION
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.file_history import FileHistory
from liftgate.integrations.git.repository import Repository
from liftgate.services import adopt
from liftgate.services.adopt import Found
from liftgate.services.first_plan import first_plan

KEYS: Final = {
    "environments": "list of {name, path, after, approvals, deliver}, in the order of promotion; after has the "
    "environments that come before it, approvals how many people must approve, and deliver is push or pull-request",
    "applications": "list of {name, values, files, version}; files has the values file by environment, and version is "
    "the pointer where a release has its version",
    "rules": "list of {pointer, owner, evidence, covers}",
    "measured": "{promotions, reproduced}: past promotions that the rules were not learned from, and how many of them "
    "they reproduce; null if there are too few",
    "history": "{commits, promotions, cut}: commits that changed values, promotions among them, and whether older "
    "commits were not read",
    "unsure": "list of sentences to check",
    "undecided": "list of pointers that differ between environments and have no rule",
    "configuration": "the proposed liftgate.json",
    "written": "the new files; empty with --dry-run",
    "next": "the next steps",
}
_APPLICATIONS: Final = 20
_DELIVERY: Final = (
    'The branch is taken to let the worker push; if it takes only pull requests, write "deliver": "pull-request" into '
    "policy.NAME of each environment; once Liftgate is set up, liftgate doctor says what the branch lets it do."
)
"""The rules of the branch are at the forge, not in the repository."""


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what it found and write nothing")
    parser.add_argument("--yes", action="store_true", help="write without a question")
    add_ci(parser, "none")
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused if there is a `liftgate.json`, or no layout that it knows; Misconfigured if it cannot write."""
    clone = Clone(given.repo)
    if (clone.folder / FILE).is_symlink() or (clone.folder / FILE).exists():
        raise Refused(
            f"this repository has a {FILE}, and adopt never changes it: correct it and run liftgate validate; to begin "
            f"again, remove it first{_instead(given.ci)}"
        )
    head = clone.tree.commit
    repository = Repository(clone.folder, {"GIT_NO_LAZY_FETCH": "1"})
    found = adopt.look(repository, head, clone.folder.name)
    is_question = is_asked() and not (given.yes or given.dry_run)
    if is_question:
        found = _in_asked_order(found)
    proposal, history = adopt.proposal(repository, head, found)
    lines = _lines(proposal, history, found)
    if is_question:
        say("\n".join(lines))
        lines = []
    written = [] if given.dry_run or not _may_write(given) else _write(clone.folder, proposal, given.ci)
    shown_ones = [each.name for each in proposal.layout.applications[:_APPLICATIONS]]
    steps = _steps(written, proposal, first_plan(repository, head, proposal, shown_ones))
    lines += ["", *(paint(f"+ {path}", "green") for path in written)] if written else ["", "Nothing was written."]
    lines += ["", "Next:", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]
    return Answer("\n".join(lines), _data(proposal, history, found) | {"written": written, "next": steps})


def _in_asked_order(found: Found) -> Found:
    usual = ",".join(found.layout.order)
    said = ask(f"Environments in the order of promotion [{usual}]")
    return adopt.in_order(found, [name.strip() for name in (said or usual).split(",")])


def _instead(ci: list[str]) -> str:
    wanted = [word for name in ci for word in ("--ci", name)]
    return f"; files for --ci: {join(['liftgate', 'init', *wanted])}" if wanted else ""


def _may_write(given: Any) -> bool:
    """Raises Usage where no person can be asked and the arguments do not say it."""
    if given.yes:
        return True
    if not is_asked():
        raise Usage(f"no terminal to ask on: give --yes to write {FILE}, or --dry-run to look")
    return confirm(f"Write {FILE} and the schemas?", usual=True)


def _write(folder: Path, proposal: Proposal, ci: list[str]) -> list[str]:
    """The new files. A file for CI that exists already is left as it is."""
    documents: Mapping[str, Any] = {**proposal.schemas, FILE: proposal.configuration}
    files = {path: json.dumps(each, indent=2, ensure_ascii=False) + "\n" for path, each in documents.items()}
    checks = {path: text for path, text in ci_files(ci).items() if not (folder / path).exists()}
    for path in (*files, *checks):
        if not (folder / path).parent.resolve().is_relative_to(folder.resolve()):
            raise Refused(f"{path} would be outside the repository: a folder in it is a symbolic link")
    try:
        for path, text in (files | checks).items():
            if not put(folder / path, text):
                raise Refused(f"{path} exists already, and adopt never changes a file")
    except OSError as error:
        raise Misconfigured(f"{error.filename} cannot be written: {error.strerror}") from None
    return sorted((*files, *checks))


def _steps(written: list[str], proposal: Proposal, first: tuple[str, str] | None) -> list[str]:
    few = [FILE, "schemas", *(path for path in written if path in PATHS.values())]
    return [
        *([] if written else ["liftgate adopt --yes"]),
        join(["git", "add", *(written if 0 < len(written) <= 5 else few)]),
        'git commit -m "Adopt Liftgate"',
        "liftgate validate",
        _first_plan(proposal, first),
        "liftgate init, which adds keys and manifests for Argo CD",
    ]


def _first_plan(proposal: Proposal, first: tuple[str, str] | None) -> str:
    if first:
        return join(["liftgate", "plan", first[0], "--to", first[1]])
    name, (source, target) = proposal.layout.applications[0].name, proposal.layout.order[:2]
    they = "the applications above have" if len(proposal.layout.applications) > 1 else f"{name} has"
    return (
        f"{they} nothing to promote: change a value in {source}, commit it, and look at it with: "
        f"liftgate plan {name} --to {target}"
    )


def _lines(proposal: Proposal, history: FileHistory, found: Found) -> list[str]:
    layout, learned = proposal.layout, proposal.learned
    lines = table(_environment_rows(proposal))
    rows = [
        (each.name if file is each.files[0] else "", *(file.paths.get(name, "-") for name in layout.order))
        for each in layout.applications[:_APPLICATIONS]
        for file in each.files
    ]
    lines += ["", *table([("application", *layout.order), *rows])]
    if len(layout.applications) > _APPLICATIONS:
        lines.append(f"and {len(layout.applications) - _APPLICATIONS} more applications")
    lines += _version_lines(proposal)
    lines += ["", *_rule_lines(proposal), _measured(proposal, history)]
    unsure = _unsure(proposal, found)
    lines += ["", "Not sure:", *(paint(f"- {each}", "yellow") for each in unsure)] if unsure else []
    if learned.undecided:
        lines += [f"Values without a rule are decided at the first promotion ({len(learned.undecided)} pointers)."]
    return lines


def _version_lines(proposal: Proposal) -> list[str]:
    """Where the versions are, if not at the usual place."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, pointer in proposal.versions.chosen.items():
        found[pointer].append(name)
    rows = [(printable(pointer), shown(names), "applications.NAME.version") for pointer, names in found.items()]
    return ["", *table([("version at", "of", f"change it in {FILE}"), *rows])] if rows else []


def _environment_rows(proposal: Proposal) -> list[tuple[str, ...]]:
    """What was decided for each environment, and where to change it."""
    rows: list[tuple[str, ...]] = [("environment", "path", "after", "approvals", "deliver", f"change it in {FILE}")]
    for each, policy in _policies(proposal):
        after, needed = ", ".join(policy.after or ()) or "-", (policy.approvals or Approvals()).needed
        rows.append((each.name, each.path, after, str(needed or "-"), policy.deliver or "", f"policy.{each.name}"))
    return rows


def _policies(proposal: Proposal) -> list[tuple[Environment, Policy]]:
    """What holds in each environment, also where the proposal leaves a key out."""
    configuration = Configuration.model_validate(proposal.configuration)
    return [(each, configuration.policy_of(each.name)) for each in proposal.layout.environments]


def _rule_lines(proposal: Proposal) -> list[str]:
    rules = proposal.learned.rules
    if not rules:
        return ["No owner rules: neither the history nor the values give evidence."]
    return table(
        [("owner", "pointer", "evidence"), *((rule.owner, printable(rule.pointer), rule.evidence) for rule in rules)]
    )


def _measured(proposal: Proposal, history: FileHistory) -> str:
    learned = proposal.learned
    number = len(history.commits)
    read = f"Read {number} commit{'' if number == 1 else 's'} that changed values"
    read += ", not the older ones" if history.is_cut else ""
    if learned.measured is None:
        return f"{read}. {learned.promotions} promotions in them: too few to measure the rules."
    tried, right = learned.measured.promotions, learned.measured.reproduced
    return (
        f"{read}. Rules from the older part reproduce {right} of the {tried} newest of {learned.promotions} promotions."
    )


def _unsure(proposal: Proposal, found: Found) -> list[str]:
    names = [f"{each.name}-ENVIRONMENT" for each in proposal.layout.applications]
    argocd = f"The Argo CD Applications are taken to be {shown(names, 3)}; other names: applications.NAME.argocd."
    doubts = (*found.doubts, *doubts_about_rules(proposal.learned), *doubts_about_versions(proposal.versions))
    return [*doubts, _DELIVERY, argocd]


def _data(proposal: Proposal, history: FileHistory, found: Found) -> dict[str, Any]:
    layout, learned = proposal.layout, proposal.learned
    return {
        "environments": [
            {
                "name": each.name,
                "path": each.path,
                "after": list(policy.after or ()),
                "approvals": (policy.approvals or Approvals()).needed,
                "deliver": policy.deliver,
            }
            for each, policy in _policies(proposal)
        ],
        "applications": [
            {
                "name": each.name,
                "values": each.values,
                "files": _files(each),
                "version": proposal.versions.chosen.get(each.name, VERSION),
            }
            for each in layout.applications
        ],
        "rules": [rule.model_dump() for rule in learned.rules],
        "measured": learned.measured.model_dump() if learned.measured else None,
        "history": {"commits": len(history.commits), "promotions": learned.promotions, "cut": history.is_cut},
        "unsure": _unsure(proposal, found),
        "undecided": list(learned.undecided),
        "configuration": proposal.configuration,
    }


def _files(application: Application) -> dict[str, Any]:
    """The path by environment; of several files a list of paths."""
    if not application.parts:
        return application.paths
    return {
        place: [part.paths[place] for part in application.parts if place in part.paths] for place in application.paths
    }
