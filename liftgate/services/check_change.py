"""Checks a change that a person made by hand: the pipeline's steps on its files, its plan by owner, and its gates.

It reads Git only and runs nothing of the change: the same in CI on a clone and in the Liftgate server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from liftgate.domain.approval import change_gates
from liftgate.domain.approval.author import Authors, Directory, Written, authors_of
from liftgate.domain.approval.change_gates import NO_SIGNATURES, HandChange
from liftgate.domain.approval.pause import Pause, holding
from liftgate.domain.approval.policy import Person, Policy
from liftgate.domain.approval.review import Review
from liftgate.domain.commits.judged_commit import Rule, signatures_verdict
from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Finding, Verdict, pending
from liftgate.domain.common.words import in_words
from liftgate.domain.config.configuration import FILE
from liftgate.domain.config.mistakes import RULE
from liftgate.domain.hand_changes.checked import CheckedChange, CheckedPlace
from liftgate.domain.hand_changes.rows import rows_by_owner
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan_value import document_of
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.row import Row, named
from liftgate.domain.secrets import sops_config
from liftgate.domain.secrets.secret import Owner
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git import authorship
from liftgate.integrations.git.commit_keys import KEY_PATHS
from liftgate.integrations.git.config_snapshot import ConfigSnapshot, overlay_of
from liftgate.integrations.git.repository import File
from liftgate.integrations.git.span import changed_paths
from liftgate.services import signatures
from liftgate.services.check_repository import Checked, check_repository
from liftgate.services.key_changes import unsigned_keys
from liftgate.services.touched import Touched, touched


@dataclass(frozen=True)
class Range:
    """Three states of one repository."""

    target: ConfigSnapshot
    """The branch that the change goes to: its policy, people and rules decide."""
    before: ConfigSnapshot
    """Where the change began."""
    after: ConfigSnapshot
    head: str = ""
    """The newest commit of the change, where `after` is not it but a tree with only its values."""

    @property
    def newest(self) -> str:
        return self.head or self.after.commit

    @property
    def ruling(self) -> ConfigSnapshot:
        """Whose configuration decides: the branch's; of one that has none yet, the change's own."""
        try:
            _ = self.target.configuration
        except LiftgateError:
            return self.after
        return self.target


@dataclass(frozen=True)
class Asked:
    """What the gates need to know besides Git's files."""

    now: datetime
    login: Callable[[Person], str]
    account: Callable[[str], str]
    own_login: str
    entries: Sequence[Entry] | None = None
    """Of the ledger; None if it is not known here."""
    pauses: Sequence[Pause] = ()
    author: str = ""
    """Login of who opened the pull request."""
    reviews: tuple[Review, ...] = ()
    is_preview: bool = False
    """Whether there is no pull request to ask."""


def check_change(span: Range, asked: Asked, *, own_steps: bool = True) -> CheckedChange:
    """Without `own_steps` no step of a team's own runs. Raises Misconfigured if neither side has a configuration that
    can be read, Unavailable if Git cannot be read."""
    paths = changed_paths(span.before.repository, span.before.commit, span.newest)
    ruling = span.ruling
    configured = _configured(span, ruling)
    places = touched(configured, paths)
    sources = _sources(configured, paths)
    has_files = bool(places or sources or _is_configuration(paths) or span.after not in configured)
    found = _findings(span, paths, own_steps=own_steps) if has_files else Checked()
    checked = tuple(_place(span, ruling, each, asked) for each in places)
    judged = [each.environment for each in checked]
    keys = unsigned_keys(ruling, asked, span.before.commit, span.newest, paths, judged)
    return CheckedChange(
        base=span.before.commit,
        head=span.newest,
        findings=(*found.findings, *_unread(found.findings, checked), *keys),
        places=checked,
        sources=sources,
        is_configuration=_is_configuration(paths),
        is_misconfigured=found.is_misconfigured,
    )


def _unread(found: Iterable[Finding], places: Iterable[CheckedPlace]) -> Iterator[Finding]:
    """A finding for each place whose values cannot be read, if no step has one: of such values nothing is known."""
    known = {each.position[0] for each in found if each.blocking}
    for place in places:
        if place.unread and known.isdisjoint(place.paths):
            yield Finding(place=place.paths[0], rule="values", message=f"cannot be read: {place.unread}")


def _configured(span: Range, ruling: ConfigSnapshot) -> list[ConfigSnapshot]:
    """The ruling state, and the change's own if it can be read: it may have a new environment or application. A state
    whose values files cannot be listed has a finding, and stops neither the other nor the answer."""
    _ = ruling.configuration
    return [tree for tree in dict.fromkeys((ruling, span.after)) if _is_listed(tree)]


def _is_listed(tree: ConfigSnapshot) -> bool:
    try:
        for name in tree.readable:
            tree.base_paths(name)
            for environment in tree.configuration.order:
                tree.paths(name, environment)
    except (Refused, Misconfigured):
        return False
    return True


def _is_configuration(paths: Iterable[str]) -> bool:
    return any(path == FILE or path.startswith(".liftgate/") for path in paths)


def _sources(trees: Iterable[ConfigSnapshot], paths: Sequence[str]) -> tuple[str, ...]:
    """Of the paths those of base values: releases come from them, and they are no environment's."""
    bases = {path for tree in trees for name in tree.readable for path in tree.base_paths(name).values()}
    return tuple(path for path in paths if path in bases)


def _findings(span: Range, paths: Sequence[str], *, own_steps: bool) -> Checked:
    """Of the files that the change touches; of all files where it touches what all of them are checked by."""
    decides = {FILE, sops_config.FILE} | _schemas(span.after)
    is_about_all = any(path in decides for path in paths)
    try:
        found = check_repository(span.after, only=None if is_about_all else paths, own_steps=own_steps)
    except Misconfigured as error:
        return Checked(mistakes=[Finding(place=FILE, rule=RULE, message=str(error))])
    if FILE not in paths:
        found.mistakes = [each for each in found.mistakes if each.blocking or each.position[0] != FILE]
    return found


def _schemas(tree: ConfigSnapshot) -> set[str]:
    try:
        order = tree.configuration.order
        paths = {path for each in tree.readable.values() for path in each.schemas}
    except LiftgateError:
        return set()
    return paths | {overlay_of(path, name) for path in paths for name in order}


@dataclass(frozen=True)
class _Values:
    """What the change does to the values."""

    rows: Mapping[Owner, tuple[Row, ...]] = field(default_factory=dict)
    unread: str = ""
    version: str = ""
    """Of the release that the values are afterwards; empty if no value of the release changes."""
    verified: Mapping[str, datetime | None] = field(default_factory=dict)
    lacking: Mapping[str, Verdict] = field(default_factory=dict)
    """The verdict of a gate about which nothing is known here."""


def _place(span: Range, ruling: ConfigSnapshot, place: Touched, asked: Asked) -> CheckedPlace:
    environment = place.environment
    tree = ruling if _knows(ruling, environment, place.application) else span.after
    policy, rule = tree.configuration.policy_of(environment), signatures.rule_of(tree, environment)
    values = _values(span, tree, place, asked) if place.files else _Values()
    change = HandChange(
        environment=environment,
        head=span.newest,
        author=asked.author,
        is_preview=asked.is_preview,
        authors=_authors(span, tree, place, asked),
        reviews=asked.reviews,
        pause=holding(asked.pauses, environment),
        version=values.version,
        verified=values.verified,
        signatures=_signatures(span, ruling, place, asked, rule) if rule else NO_SIGNATURES,
    )
    directory = Directory.of(tree.configuration.people, asked.login)
    gates = change_gates.each_gate(change, policy, directory, asked.now)
    return CheckedPlace(
        environment=environment,
        application=place.application,
        paths=tuple(place.files.values()),
        others=tuple(place.others),
        rows=values.rows,
        unread=values.unread,
        version=values.version,
        policy=policy.rules,
        gates={**values.lacking, **gates},
        decision=change_gates.change_gates(change, policy, directory, asked.now),
        uncounted=change_gates.not_in_people(change, directory),
    )


def _signatures(span: Range, ruling: ConfigSnapshot, place: Touched, asked: Asked, rule: Rule) -> Verdict:
    """Of the commits that touched these files, or the keys that count. Where they are only reported, it never fails."""
    paths = (*place.files.values(), *place.others, *KEY_PATHS)
    wanted = signatures.Range(span.before.commit, span.newest, paths)
    return signatures_verdict(signatures.judge_range(ruling, asked, wanted), rule, place.environment)


def _knows(tree: ConfigSnapshot, environment: str, application: str) -> bool:
    return environment in tree.configuration.environments and (not application or application in tree.readable)


def _values(span: Range, tree: ConfigSnapshot, place: Touched, asked: Asked) -> _Values:
    try:
        old, new = (_release(tree, place, each) for each in (span.before, span.after))
        rows = _rows(span, tree, place)
    except LiftgateError as error:
        return _Values(unread=str(error).partition("\n")[0])
    if new is None or (old and old.id == new.id):
        return _Values(rows=rows)
    found = _Values(rows=rows, version=new.name)
    policy = tree.configuration.policy_of(place.environment)
    if asked.entries is None:
        return replace(found, lacking={"upstream": pending(_not_known(policy))} if policy.after else {})
    # Where Liftgate promoted nothing of the application yet, nothing can be verified upstream.
    names = tree.names(place.application)
    if not any(entry.application in names for entry in asked.entries):
        return found
    before_id = old.id if old else ""
    verified = change_gates.verified_upstream(asked.entries, place.application, policy, before=before_id, after=new.id)
    return replace(found, verified=verified)


def _release(tree: ConfigSnapshot, place: Touched, at: ConfigSnapshot) -> Release | None:
    """What the values there are as a release, under the rules of the tree; None without a file."""
    files: Mapping[str, File] = {}
    with suppress(Refused, Misconfigured):
        files = tree.files_in(place.application, place.environment, at.commit)
    if not files:  # the folder may have moved, or the change mends what cannot be listed
        with suppress(Refused, Misconfigured):
            files = at.files(place.application, place.environment)
    return tree.release_of(place.application, at.commit, files) if files else None


def _rows(span: Range, tree: ConfigSnapshot, place: Touched) -> dict[Owner, tuple[Row, ...]]:
    found: dict[Owner, tuple[Row, ...]] = {}
    for file, path in sorted(place.files.items()):
        before, after = (_values_of(each, path) for each in (span.before, span.after))
        for owner, rows in rows_by_owner(before, after, tree.rules(place.application, file)).items():
            found[owner] = (*found.get(owner, ()), *named(rows, file))
    return found


def _values_of(tree: ConfigSnapshot, path: str) -> Json:
    """`{}` for no file. Raises Refused for values that are not strict JSON, or no object."""
    file = tree.repository.file(tree.commit, path)
    return document_of(file.data if file else b"", path).value


def _not_known(policy: Policy) -> str:
    """Instead of the verdict whether the release is verified upstream."""
    return (
        f"the release must be verified in {in_words(policy.after or ())}, which this clone does not know; fetch the "
        "ledger with: git fetch origin liftgate/ledger:refs/remotes/origin/liftgate/ledger"
    )


def _authors(span: Range, tree: ConfigSnapshot, place: Touched, asked: Asked) -> Authors:
    """Who wrote the commits that touched these files. Raises Unavailable."""
    paths = (*place.files.values(), *place.others)
    commits = authorship.written(tree.repository, span.before.commit, span.newest, paths, tree.signers)
    written = [Written() if each.promotion else each for each in commits]
    directory = Directory.of(tree.configuration.people, asked.login)
    return authors_of(written, directory, asked.account, asked.own_login)
