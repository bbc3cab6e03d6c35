"""Whether the commits that a promotion brings to an environment are signed, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from liftgate.domain.approval.author import Directory
from liftgate.domain.approval.policy import Person
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.commit_signature import by_committer
from liftgate.domain.commits.judged_commit import JudgedCommit, Rule, signatures_verdict
from liftgate.domain.commits.raw_commit import NEVER
from liftgate.domain.commits.revoked_keys import REVOKED_KEYS, read_revoked
from liftgate.domain.common.verdict import Verdict, passed
from liftgate.domain.config.configuration import FILE
from liftgate.domain.ledger.ledger import Entry, restorable
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion.take_over import HandMade
from liftgate.integrations.git.authorship import contains, first_commit_of
from liftgate.integrations.git.commit_keys import KEY_PATHS
from liftgate.integrations.git.commit_signatures import SignedCommit, read_signatures
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.openpgp import GPG_KEYS
from liftgate.integrations.git.repository import Repository
from liftgate.services.authors import release_paths
from liftgate.services.merge_base import base_commit, named_entries
from liftgate.services.ports import HasBranch, HasForge

MOST: Final = 5_000
"""Commits of one range that are judged; a promotion rarely brings more than a few."""


class Ports(HasBranch, HasForge, Protocol):
    """What these use cases need."""


class Accounts(Protocol):
    """What is needed of a forge; no request is sent for it."""

    def login(self, person: Person, /) -> str: ...

    def account(self, email: str, /) -> str: ...

    @property
    def own_login(self) -> str: ...


class _Forge(NamedTuple):
    account: Callable[[str], str]
    own_login: str

    def is_itself(self, signer: str) -> bool:
        return bool(self.own_login) and self.account(signer) == self.own_login


class Range(NamedTuple):
    """The commits after `base` up to `newest` that touched one of the paths."""

    base: str
    """Empty: from the beginning."""
    newest: str
    paths: tuple[str, ...]


class Place(NamedTuple):
    application: str
    environment: str
    source: str = ""
    """The commit of the release that would come there."""
    paths: tuple[str, ...] = ()
    """The release's files at that commit, if they are known."""


def rule_of(tree: ConfigSnapshot, environment: str) -> Rule | None:
    """What the policy says about signatures; None where it says nothing and no person has a key for commits."""
    written = tree.configuration.policy_of(environment).signatures
    return written or ("reported" if peoples_keys(tree.signers) or openpgp_keys(tree) else None)


def peoples_keys(signers: tuple[Signer, ...]) -> tuple[Signer, ...]:
    """Those that may sign commits and are not a worker's."""
    workers = {each.key for each in signature.allowed_for(signature.WORKER, signers)}
    return tuple(each for each in signers if each.may_sign(signature.COMMITS) and each.key not in workers)


def openpgp_keys(tree: ConfigSnapshot) -> int:
    """How many files of them the repository has."""
    return len(tree.repository.paths(tree.commit, GPG_KEYS))


def judge_commits(
    tree: ConfigSnapshot, forge: Accounts, commits: Sequence[str], base: str = ""
) -> tuple[JudgedCommit, ...]:
    """Each of the commits, in the order given; `tree` is the main branch now.

    A commit counts by the keys that the main branch had before it came there; one that did not come yet, such as one of
    a pull request, by those that it has now. `base`, if it is given, is an ancestor of `tree` that all commits of the
    main branch among them come after: the less history is read. Raises Unavailable, Misconfigured.
    """
    is_same = _same_person(Directory.of(tree.configuration.people, forge.login), forge)
    found = _read(
        tree.repository, tree.commit, tuple(commits), revoked_keys(tree), base, _Forge(forge.account, forge.own_login)
    )
    return tuple(_judged(each, is_same) for each in found)


def judge_plan(tree: ConfigSnapshot, forge: Accounts, entries: Iterable[Entry], plan: Plan) -> tuple[JudgedCommit, ...]:
    """The commits that the plan brings, and those that changed its environment after the last promotion; newest first
    of each. `entries` are those of the application and its earlier names, at least."""
    place = Place(plan.application, plan.environment)
    if plan.kind == "promote":
        place = Place(plan.application, plan.environment, plan.source, plan.source_paths)
    return judge_place(tree, forge, entries, place)


def judge_place(
    tree: ConfigSnapshot, forge: Accounts, entries: Iterable[Entry], place: Place
) -> tuple[JudgedCommit, ...]:
    """The same for a place; without a source only the commits that changed the environment."""
    names, source = tree.names(place.application), place.source
    mine = [each for each in entries if each.application in names and each.environment == place.environment]
    if source and not tree.repository.resolve(source):
        return (_unknown(source, "not checked: it is not in the repository"),)
    ranges = [_of_target(tree, mine, place.application, place.environment)]
    if source:
        base = base_commit(tree, mine, source)
        paths = release_paths(tree, place.application, source, base, place.paths)
        ranges = [Range(base, source, paths), *ranges]
    found: dict[str, JudgedCommit] = {}
    for each in ranges:
        found |= {one.commit: one for one in judge_range(tree, forge, each)}
    return tuple(found.values())


def judge_hand_made(
    tree: ConfigSnapshot, forge: Accounts, entries: Iterable[Entry], hand: HandMade
) -> tuple[JudgedCommit, ...]:
    """The person's own commit, and those that changed its environment before it and after the last promotion there."""
    names = tree.names(hand.application)
    mine = [each for each in entries if each.application in names and each.environment == hand.environment]
    others = [each for each in mine if each.revision != hand.commit]
    return judge_range(tree, forge, _of_target(tree, others, hand.application, hand.environment, hand.commit))


class Page(NamedTuple):
    commits: tuple[JudgedCommit, ...]
    next: int | None
    """What to skip for the next page; None after the last one."""


def judge_page(
    tree: ConfigSnapshot, forge: Accounts, environment: str, applications: Iterable[str], skip: int, limit: int
) -> Page:
    """The commits that changed the environment of these applications, newest first, whenever that was; at most MOST."""
    size = min(limit, MOST) if limit else MOST
    paths = dict.fromkeys(path for name in applications for path in environment_paths(tree, name, environment))
    wanted = Range("", tree.commit, (*paths, *KEY_PATHS))
    listed = _touching(tree.repository, wanted, skip + size + 1)
    end = skip + size
    return Page(judge_commits(tree, forge, listed[skip:end]), end if len(listed) > end else None)


def judge_range(tree: ConfigSnapshot, forge: Accounts, wanted: Range, most: int = MOST) -> tuple[JudgedCommit, ...]:
    """Newest first."""
    listed = _touching(tree.repository, wanted, most + 1)
    judged = judge_commits(tree, forge, listed[:most], _shared(tree, wanted.base))
    more = (_unknown("", f"not checked: older than the newest {most} commits"),) if len(listed) > most else ()
    return (*judged, *more)


def verdict_of(tree: ConfigSnapshot, forge: Accounts, entries: Iterable[Entry], plan: Plan) -> Verdict | None:
    """The policy applied to the plan's commits; None where it says nothing about signatures."""
    rule = rule_of(tree, plan.environment)
    return signatures_verdict(judge_plan(tree, forge, entries, plan), rule, plan.environment) if rule else None


def gate_verdict(at: Ports, tree: ConfigSnapshot, plan: Plan) -> Verdict:
    """Failed only where the policy requires signatures; else nothing is read. Raises Unavailable, Misconfigured."""
    if tree.configuration.policy_of(plan.environment).signatures != "required":
        return passed("no signatures are required")
    entries = named_entries(at, tree, plan.application, plan.environment)
    return signatures_verdict(judge_plan(tree, at.forge, entries, plan), "required", plan.environment)


def revoked_keys(tree: ConfigSnapshot) -> frozenset[bytes]:
    """Those that never count, as the main branch says now. Raises Misconfigured for an illegal line."""
    file = tree.repository.file(tree.commit, REVOKED_KEYS)
    return read_revoked(file.data) if file else frozenset()


def environment_paths(tree: ConfigSnapshot, application: str, environment: str) -> tuple[str, ...]:
    """The application's own folder there, or only its values files where others have theirs in the folder too."""
    folder = tree.application(application).own_folder(tree.configuration.environments[environment], environment)
    mine = tree.paths(application, environment).values()
    others = (other for _, paths in tree.places for other in paths if other not in mine)
    is_own = bool(folder) and not any(other.startswith(f"{folder}/") for other in others)
    return (folder,) if is_own else tree.pathspecs(application, environment)


def _of_target(
    tree: ConfigSnapshot, entries: Sequence[Entry], application: str, environment: str, newest: str = ""
) -> Range:
    """After the newest verified commit there that the tree has, up to the newest one that is asked about.

    Changes of the keys are among them: an unsigned commit must not add the key of the next one.
    """
    revisions = (each.revision for each in reversed(restorable(entries)) if each.revision)
    newest = newest or tree.commit
    base = next((each for each in revisions if contains(tree.repository, newest, each)), "")
    base = base or first_commit_of(tree.repository, newest, FILE)
    return Range(base, newest, (*environment_paths(tree, application, environment), *KEY_PATHS))


def _shared(tree: ConfigSnapshot, base: str) -> str:
    """The base, if the main branch has it: where its history was rewritten since, all of it is read."""
    return base if base and contains(tree.repository, tree.commit, base) else ""


@lru_cache(maxsize=256)
def _touching(repository: Repository, wanted: Range, limit: int) -> tuple[str, ...]:
    return tuple(repository.touching(wanted.base, wanted.newest, wanted.paths, limit))


@lru_cache(maxsize=64)
def _read(
    repository: Repository,
    head: str,
    commits: tuple[str, ...],
    revoked: frozenset[bytes],
    base: str,
    forge: _Forge,
) -> tuple[SignedCommit, ...]:
    return tuple(read_signatures(repository, head, commits, revoked, base, forge.is_itself))


def _same_person(directory: Directory, forge: Accounts) -> Callable[[str, str], bool]:
    def is_same(principal: str, email: str) -> bool:
        return bool({*directory.by_email(principal)} & {*directory.by_email(email, forge.account)})

    return is_same


def _judged(found: SignedCommit, is_same: Callable[[str, str], bool]) -> JudgedCommit:
    made = by_committer(found.signature, found.credits.committer, is_same)
    return JudgedCommit(
        commit=found.commit,
        author=str(found.credits.author),
        when=found.raw.when,
        state=made.state,
        signer=made.signer,
        reason=made.reason,
    )


def _unknown(commit: str, why: str) -> JudgedCommit:
    return JudgedCommit(commit=commit, author="unknown", when=NEVER, state="not checked", reason=why)
