"""Which entries of the ledger the worker's key may sign, and which commits may bring them there."""

from __future__ import annotations

from typing import Final, Protocol

from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.vote import recorded_votes, votes_verdict
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.common.canonical import canonical
from liftgate.domain.json_text.bounded_json import loads
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PATH, PLAN, SOURCE, SOURCE_PATH
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change
from liftgate.integrations.ledger.copies import copies
from liftgate.integrations.ledger.git_branch import REF, has_entry
from liftgate.services.entry_files import check_files, verified_values
from liftgate.services.entry_release import check_release
from liftgate.services.in_force import BY_ROLLBACK, in_force
from liftgate.services.ports import CanCommit, HasForge, HasRuns
from liftgate.services.requests import who_asked
from liftgate.services.signable_by_hand import check_persons_commit
from liftgate.services.signable_standing import check_standing


class Ports(CanCommit, HasRuns, HasForge, Protocol):
    """What these use cases need."""


_WITHOUT_COMMIT: Final = frozenset({"refused", "expired", "superseded"})


def check_entry(at: Ports, message: bytes) -> None:
    """Raises Refused for an entry that Git, the ledger, the run or the votes contradict. Whether the environment was
    healthy only the steps know: the entry says what they said."""
    entry = _read(message)
    at = _as_recorded(at, entry)
    head = at.tree(at.git.head)
    if ledger.find_entry(at.entries(entry.application), entry.promotion):
        raise Refused(f"the ledger has an outcome of {entry.promotion} already")
    own = _check_revision(at, entry)
    if own:
        check_release(at, entry, own)
    before = at.tree(own.parents[0]) if own else head
    before.environment(entry.environment)
    check_files(before, entry, at.entries(entry.application))
    _check_approvers(before, entry)
    _check_requester(at, head, entry)


def _as_recorded(at: Ports, entry: Entry) -> Ports:
    """As the flow had it, see `in_force.seen_by`."""
    return in_force(at) if entry.kind == "rollback" or entry.by_hand or entry.outcome in BY_ROLLBACK else at


def _read(message: bytes) -> Entry:
    """Raises Refused unless the bytes are the whole canonical form of an entry."""
    try:
        document = loads(message, largest=ledger.LARGEST_FILE)
        entry = Entry.model_validate(document)
        exact = canonical(document) == message == ledger.signable(entry)
    except (ValueError, TypeError):
        exact = False
    if not exact:
        raise Refused("it is no entry of the ledger")
    return entry


def _check_revision(at: Ports, entry: Entry) -> Change | None:
    """The promotion's own commit; None where it made none."""
    if not entry.revision:
        if entry.outcome not in _WITHOUT_COMMIT:
            raise Refused(f'there is no outcome "{entry.outcome}" without a commit')
        return None
    if not at.git.resolve(entry.revision) or not at.git.is_ancestor(entry.revision, at.git.ref):
        raise Refused(f"the commit {entry.revision[:12]} is not in the history of {at.git.branch}")
    commit = find_change(at.git, entry.revision)
    if commit.promotion != entry.promotion:
        if entry.kind != "rollback":
            check = check_standing if commit.promotion else check_persons_commit
            check(at, entry, commit)
        return None
    _check_own(entry, commit)
    return commit


def _check_own(entry: Entry, commit: Change) -> None:
    """The entry about the promotion's own commit says what that says."""
    if entry.by_hand:
        raise Refused(f"the commit {entry.revision[:12]} is promotion {commit.promotion}: no person made it by hand")
    named = (commit.trailer(APPLICATION), commit.trailer(ENVIRONMENT), commit.trailer(PLAN))
    if named != (entry.application, entry.environment, entry.plan) or not _names_paths(commit, entry):
        raise Refused("the entry does not say what the promotion's commit says")
    if entry.kind == "promote" and (
        commit.trailer(SOURCE) != entry.source
        or sorted(commit.trailers.get(SOURCE_PATH, ())) != sorted(entry.source_paths)
    ):
        raise Refused("the entry names another release than the promotion's commit")


def _names_paths(commit: Change, entry: Entry) -> bool:
    """A rollback's commit names also the files that it removed, where there are several."""
    named, said = {*commit.trailers.get(PATH, ())}, {*entry.values_paths}
    return said <= named if entry.files and entry.kind == "rollback" else said == named


def _check_approvers(tree: ConfigSnapshot, entry: Entry) -> None:
    kept = recorded_votes(entry.votes, run=entry.promotion, plan=entry.plan, signers=tree.signers)
    if len(kept) != len(entry.votes):
        raise Refused("the entry keeps votes that the Liftgate server did not sign for this plan")
    if not (verdict := votes_verdict(entry, tree.signers)).passed:
        raise Refused(verdict.reason)


def _check_requester(at: Ports, tree: ConfigSnapshot, entry: Entry) -> None:
    """A stronger proof than the run has is refused. A rollback's requester comes from another run: not checked. Who
    made a change by hand is checked with the change."""
    claimed = Requester.model_validate({"name": entry.requested_by, "proof": entry.proof})
    if entry.kind == "rollback" or entry.by_hand or not claimed.proven:
        return
    run = at.runs.read(entry.promotion)
    if run is None or who_asked(at, tree, run) != claimed:
        raise Refused(f"it is not proven that {entry.requested_by} requested {entry.promotion}")


def check_ledger_commit(at: Ports, commit: Change, tree: str) -> None:
    """It adds one entry that this key signed, and the copy of the values that the entry says were verified."""
    tip = at.git.resolve(REF)
    if list(commit.parents) != ([tip] if tip else []):
        raise Refused("a commit of the ledger follows the newest one")
    path, entry = _entry_in(at, commit, tree)
    own = own_signer(at, signature.LEDGER)
    # An entry that was signed earlier may name another month, so another path.
    if ledger.find_entry(at.entries(entry.application), entry.promotion) or has_entry(at.git, tip, path, own):
        raise Refused(f"the ledger has an outcome of {entry.promotion} already")
    files: dict[str, bytes | None] = {path: at.git.blobs([at.git.object_id(tree, path)])[0]}
    files |= copies(at.git, tip, entry, verified_values(_as_recorded(at, entry), entry))
    if tree != at.git.tree_id_with(tip, files):
        raise Refused("its files are not those of the ledger with exactly one more entry")


def own_signer(at: CanCommit, namespace: str) -> Signer:
    """This worker's own key, as a line of `allowed_signers` names one."""
    return Signer(principals=(at.author.email,), namespaces=(namespace,), key=signature.public_bytes(at.worker_key))


def _entry_in(at: Ports, commit: Change, tree: str) -> tuple[str, Entry]:
    key = own_signer(at, signature.LEDGER)
    for path in _new_entries(at, tree):
        if path.endswith(f"/{commit.promotion}.json"):
            entry = ledger.from_file(at.git.blobs([at.git.object_id(tree, path)])[0], (key,))
            if entry and entry.path == path:
                return path, entry
    raise Refused("it brings no entry that this key signed")


def _new_entries(at: Ports, tree: str) -> list[str]:
    """The paths that the ledger does not have yet, or with something else: no one may believe that any more."""
    if not (tip := at.git.resolve(REF)):
        return [path for path, _ in at.git.paths(tree, "entries")]
    asked = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=AM", tip, tree, "--", "entries")
    return at.git.git(*asked).split("\0")
