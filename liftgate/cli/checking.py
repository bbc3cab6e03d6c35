"""`liftgate manifests --check`: finds the mistakes in existing manifests, with the clone they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from liftgate.cli.answer import DONE, FAILED, Answer, paint
from liftgate.cli.clone import HERE, Clone
from liftgate.cli.folder import Files, origin
from liftgate.cli.places import places
from liftgate.cli.words import told
from liftgate.domain.common.verdict import Finding
from liftgate.domain.config.configuration import FILE
from liftgate.domain.manifest_rules import check as manifests_check
from liftgate.domain.manifests.seen import Seen
from liftgate.errors import Misconfigured, Refused


def checked(given: Any) -> Answer:
    texts = {file: _text(file) for file in given.check}
    findings = manifests_check.check_manifests(texts, _seen(given))
    bad = any(finding.blocking for finding in findings)
    said = told(len(findings), len(texts))
    lines = [*(_line(finding) for finding in findings), paint(said, "red" if bad else "green")]
    data: dict[str, list[Any]] = {key: [] for key in ("manifests", "files", "rbac", "written", "kept")}
    return Answer("\n".join(lines), data | {"findings": [f.model_dump() for f in findings]}, FAILED if bad else DONE)


def _seen(given: Any) -> Seen:
    """What is known about the repository; empty without --repo and outside a repository."""
    try:
        clone = Clone(given.repo)
    except Misconfigured:
        if given.repo != HERE:
            raise
        return Seen()
    have = Files(clone.folder)
    found = places(clone.work_tree, have, given.render) if FILE in have else []
    return Seen(files=have, places=tuple(found), repository=given.repo_url or origin(clone.folder))


def _text(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{file} is not a text file") from None


def _line(finding: Finding) -> str:
    return paint(str(finding), "red" if finding.blocking else "yellow")
