"""Check what a pull request, or any range of commits, changes in the environments, before it is merged.

It runs the steps of the pipeline's stages validate and preview on the files at --head, shows the plan by the owner of
each value, and says who must approve and what else the gates will ask. It needs no server. The exit code tells of
findings, not of gates that are still closed.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from liftgate.cli.answer import DONE, FAILED, Answer, paint, say
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.folder import origin
from liftgate.cli.validate import finding_data, finding_line
from liftgate.domain.common.markup import LONGEST
from liftgate.domain.hand_changes.checked import CheckedChange, CheckedPlace
from liftgate.domain.hand_changes.markdown import change_markdown
from liftgate.domain.hand_changes.reports import code_quality, github_annotations
from liftgate.domain.hand_changes.text import change_lines
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.forge import Access
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.main_line import is_shallow
from liftgate.integrations.git.span import fork_point
from liftgate.integrations.products import FORGES, forge_of
from liftgate.services.check_change import Asked, Range, check_change

KEYS: Final = {
    "base": "where the change began: the newest commit that it shares with --base",
    "head": "the commit that was checked",
    "environments": "names of the environments that change, in the order of the pipeline",
    "places": "list of {environment, application, path, others, version, unread, rows, policy, gates}: rows is a list "
    "of {owner, pointer, kind, before, after}, secrets are masked; gates is a list of {gate, state, reason}",
    "sources": "files that releases come from",
    "findings": "list of {place, rule, message, fix, blocking, pointer, file, line, column}; line and column are 0 if "
    "unknown",
}
_BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master")
_SUMMARY: Final = "GITHUB_STEP_SUMMARY"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--base", metavar="REF", default="", help="the branch that the change goes to (origin's HEAD)")
    parser.add_argument("--head", metavar="REF", default="HEAD", help="the newest commit of the change (HEAD)")
    parser.add_argument(
        "--format", choices=("text", "github", "gitlab"), default="text",
        help="github: annotations for GitHub Actions and a summary of the job; gitlab: a Code Quality report",
    )  # fmt: skip
    add_repo(parser)


def run(given: Any) -> Answer:
    """The code is 5 if a mistake is outside of values, else 1 for a failed check. Raises Misconfigured for a shallow
    clone, Refused for a commit that is not there."""
    clone = Clone(given.repo)
    checked = check_change(_range(clone, given), _asked(clone))
    code = Misconfigured.exit_code if checked.is_misconfigured else FAILED if checked.has_failed else DONE
    return Answer(_text(checked, given.format), _data(checked), code)


def _range(clone: Clone, given: Any) -> Range:
    repository, folder = clone.repository, clone.folder
    if is_shallow(repository):
        raise Misconfigured(
            "this clone is shallow: it has only the newest commits, and a check must know where the change began; "
            f"run: git -C {folder} fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*' (in GitHub Actions: "
            "fetch-depth: 0; in GitLab CI: GIT_DEPTH: 0)"
        )
    names = [given.base] if given.base else _BRANCHES
    target = next(filter(None, map(repository.resolve, names)), "")
    if not target:
        raise Refused(f"{folder} has no {' or '.join(names)}; fetch it, or name the branch with --base REF")
    head = repository.resolve(given.head)
    if not head:
        raise Refused(f"{folder} has no {given.head}; name a commit or a branch with --head REF")
    before = fork_point(repository, target, head)
    if not before:
        raise Refused(f"{given.head} and {given.base or 'the branch'} share no commit, so nothing says what changes")
    at_target, at_before, at_head = (ConfigSnapshot(repository, commit) for commit in (target, before, head))
    return Range(at_target, at_before, at_head)


def _asked(clone: Clone) -> Asked:
    """What a clone knows: the ledger as last fetched, and accounts by the address of origin."""
    remote = origin(clone.folder)
    forge = FORGES[forge_of(remote)].made(access=Access(remote=remote))
    return Asked(
        now=SystemClock().now(),
        login=forge.login,
        account=forge.account,
        own_login=forge.own_login,
        entries=clone.entries() if clone.ledger else None,
        pauses=clone.pauses(),
        is_preview=True,
    )


def _text(checked: CheckedChange, wanted: str) -> str:
    findings = sorted(checked.findings, key=lambda each: not each.blocking)
    lines = change_lines(checked)
    said = paint(_said(checked), "red" if checked.has_failed else "green")
    if wanted == "gitlab":
        say("\n".join([*lines, said]))
        return code_quality(findings)
    if wanted == "github":
        _summarize(change_markdown(checked, limit=LONGEST))
        return "\n".join([*github_annotations(findings), _said(checked)])
    return "\n".join([*map(finding_line, findings), *lines, said])


def _said(checked: CheckedChange) -> str:
    mistakes = sum(finding.blocking for finding in checked.findings)
    if mistakes:
        return f"{mistakes} {'mistake' if mistakes == 1 else 'mistakes'} to correct"
    return "no mistakes" if checked.concerns_liftgate else "no environment changes"


def _summarize(text: str) -> None:
    """The job's page on GitHub. Raises Misconfigured if it cannot be written."""
    path = os.environ.get(_SUMMARY, "")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise Misconfigured(f"{_SUMMARY}: {path} cannot be written: {error.strerror}") from None


def _data(checked: CheckedChange) -> dict[str, Any]:
    return {
        "base": checked.base,
        "head": checked.head,
        "environments": list(checked.environments),
        "places": [_place(place) for place in checked.places],
        "sources": list(checked.sources),
        "findings": [finding_data(finding) for finding in checked.findings],
    }


def _place(place: CheckedPlace) -> dict[str, Any]:
    return {
        "environment": place.environment,
        "application": place.application,
        "paths": list(place.paths),
        "others": list(place.others),
        "version": place.version,
        "unread": place.unread,
        "rows": [
            {"owner": owner} | row.model_dump(include={"file", "pointer", "kind", "before", "after"})
            for owner, rows in place.rows.items()
            for row in rows
        ],
        "policy": list(place.policy),
        "gates": [{"gate": name, "state": each.state, "reason": each.reason} for name, each in place.gates.items()],
    }
