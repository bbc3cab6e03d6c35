"""Which values files the outcome of a promotion names: the environment's, and those of its release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from liftgate.domain.ledger.entry_file import EntryFile
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Attempt
from liftgate.domain.promotion.message import PATH, SOURCE_PATH
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.services.known_names import tree_that_knows
from liftgate.services.merge_base import source_blob
from liftgate.services.ports import HasBranch
from liftgate.services.rollback_target import as_verified


def file_fields(at: HasBranch, attempt: Attempt, own: Change | None, source: str, sources: Iterable[str]) -> Any:
    """The fields of an entry. `own` is the promotion's commit, `sources` are the release's files at its commit
    `source`, as far as the attempt knows them. An outcome without a commit names no files where there are several."""
    entries, paths = at.entries(attempt.application), (own.trailers.get(SOURCE_PATH) if own else None) or tuple(sources)
    if attempt.revision and (tree := at.tree(attempt.head)).application(attempt.application).patterns:
        return {"files": tuple(_files(tree, attempt, source, paths, entries))}
    path, only = (each[0] if len(each) == 1 else "" for each in (paths, attempt.paths))
    return {
        "source_path": path,
        "source_blob": source_blob(at.git, entries, source, path),
        "values_path": (own.trailer(PATH) if own else "") or only,
    }


def _files(
    tree: ConfigSnapshot, attempt: Attempt, source: str, sources: Iterable[str], entries: Iterable[Entry]
) -> Iterable[EntryFile]:
    name, known = attempt.application, list(entries)
    here = {file: each.path for file, each in tree.files_in(name, attempt.environment, attempt.revision).items()}
    there: Mapping[str, str] = tree.named_now(name, source, dict.fromkeys(sources, ""))
    for file in sorted({*here, *there}):
        path = there.get(file, "")
        blob = source_blob(tree.repository, known, source, path)
        yield EntryFile(file=file, path=here.get(file, ""), source_path=path, source_blob=blob)


def check_files(tree: ConfigSnapshot, entry: Entry, entries: Iterable[Entry]) -> None:
    """Raises Refused for files that are not those of the entry's commit, or have another name or content."""
    known = list(entries)
    for each in entry.all_files:
        if each.source_blob != source_blob(tree.repository, known, entry.source, each.source_path):
            raise Refused(f"the entry does not name the content of {each.source_path} at {entry.source[:12]}")
    if not entry.files:
        return
    here = tree.files_in(entry.application, entry.environment, entry.revision)
    said = {each.file: each.path for each in entry.files if each.path}
    sources = {each.file: each.source_path for each in entry.files if each.source_path}
    named = tree.named_now(entry.application, entry.source, dict.fromkeys(sources.values(), ""))
    if said != {file: found.path for file, found in here.items()} or sources != named:
        raise Refused("the entry does not name the files of its commit and of its release")


def verified_values(at: HasBranch, entry: Entry) -> dict[str, bytes]:
    """What the ledger copies of a good outcome: the environment's files at its commit, by name."""
    if not (entry.good and entry.revision):
        return {}
    tree = tree_that_knows(at, at.git.head, entry.revision, entry.application, entry.environment)
    return as_verified(tree, entry.application, entry.environment, entry.revision)
