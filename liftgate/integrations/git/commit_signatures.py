"""The signatures of many commits by a few git processes, under the keys that counted when each came to the branch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from liftgate.domain.commits import commit_object
from liftgate.domain.commits.commit_object import CommitObject
from liftgate.domain.commits.commit_signature import OPENPGP, CommitSignature, check_signature
from liftgate.domain.commits.credits import Credits, read_credits
from liftgate.domain.commits.raw_commit import Raw, read_raw_commit
from liftgate.domain.commits.unsigned_commit import tree_of
from liftgate.domain.common.value import Value
from liftgate.integrations.git.arrivals import arrivals
from liftgate.integrations.git.commit_keys import NO_KEYS, Keys, read_keys
from liftgate.integrations.git.openpgp import keyring
from liftgate.integrations.git.repository import Repository

MERGES: Final = 100
"""Merges that are made again in one call: each takes a git process."""
_REMEMBERED: Final = 50_000
_Key = tuple[str, str, frozenset[bytes]]
_checked: dict[_Key, CommitSignature] = {}
"""By commit, ids of the keys' files and revoked keys: what was verified once never changes in a process."""
_clean: dict[str, bool] = {}
"""Whether a merge has exactly the tree that git gives; it never changes either."""
_NO_MERGE: Final = "{reason}, and it is no clean merge: it has changes that its parents do not have"


class SignedCommit(Value):
    commit: str
    raw: Raw
    credits: Credits
    signature: CommitSignature


def read_signatures(
    repository: Repository,
    head: str,
    commits: Sequence[str],
    revoked: frozenset[bytes],
    base: str = "",
    is_forges: Callable[[str], bool] = lambda _: False,
) -> list[SignedCommit]:
    """In the order asked. `head` is the main branch's commit, whose history after `base` has the commits, if they came
    to it at all. `revoked` keys never count. Raises Unavailable.

    A merge of two parents needs no signature of its own if git makes the same tree of them again: it brings nothing
    that its parents do not bring. A forge's signature proves no person, also where `.liftgate/` has its key, under any
    name: `is_forges` says of a name or address whether it is the forge itself.
    """
    came = arrivals(repository, head, base)
    places = {commit: came.stood_on(commit) for commit in commits}
    keys = read_keys(repository, filter(None, places.values()))
    found: list[SignedCommit] = []
    for commit, data in zip(commits, repository.objects(commits), strict=True):
        place, raw = places[commit], read_raw_commit(data or b"")
        signature = _TOO_OLD if place is None else _signature(commit, data, raw, keys.get(place, NO_KEYS), revoked)
        by = read_credits(data or b"")
        if signature.is_valid and any(map(is_forges, _addresses(signature, by))):
            signature = _FORGES
        found.append(SignedCommit(commit=commit, raw=raw, credits=by, signature=signature))
    return _with_merges(repository, found)


def _addresses(signature: CommitSignature, by: Credits) -> set[str]:
    """All to whom the key belongs, and the committer, as whom git signs."""
    return {signature.signer, by.committer.email, *(name for line in signature.lines for name in line.principals)}


_TOO_OLD: Final = CommitSignature(state="not checked", reason="too far back in the history to be checked")
_FORGES: Final = CommitSignature(state="key not valid", reason="signed with the forge's key, which proves no person")


def _signature(commit: str, data: bytes | None, raw: Raw, keys: Keys, revoked: frozenset[bytes]) -> CommitSignature:
    if data is None or not raw.is_readable:
        why = "it is not in the repository" if data is None else "it cannot be read"
        return CommitSignature(state="not checked", reason=f"not checked: {why}")
    key = (commit, keys.id, revoked)
    if key not in _checked:
        if len(_checked) >= _REMEMBERED:
            _checked.clear()
        _checked[key] = _verified(commit_object.read_commit_object(data), keys, revoked)
    return _checked[key]


def _verified(commit: CommitObject, keys: Keys, revoked: frozenset[bytes]) -> CommitSignature:
    ring = keyring(keys.openpgp) if commit.armoured.startswith(OPENPGP) else None
    return ring.check(commit.signed, commit.armoured) if ring else check_signature(commit, keys.signers, revoked)


def _with_merges(repository: Repository, found: list[SignedCommit]) -> list[SignedCommit]:
    unproven = [each for each in found if len(each.raw.parents) == 2 and not each.signature.is_valid]
    new = [each.commit for each in unproven if each.commit not in _clean][:MERGES]
    trees = dict(zip(new, repository.objects(new), strict=True))
    if len(_clean) >= _REMEMBERED:
        _clean.clear()
    for each in unproven:
        if each.commit in trees:
            tree = tree_of(commit_object.read_commit_object(trees[each.commit] or b"").signed)
            _clean[each.commit] = repository.merged_tree(*each.raw.parents) == tree
    judged = {each.commit: _merge(each.signature, is_clean=_clean.get(each.commit)) for each in unproven}
    return [each.copy_with(signature=judged[each.commit]) if each.commit in judged else each for each in found]


def _merge(found: CommitSignature, *, is_clean: bool | None) -> CommitSignature:
    """None: it was not made again."""
    if is_clean is None:
        return CommitSignature(state="not checked", reason=f"one of more than {MERGES} merges, so it is not checked")
    if is_clean:
        return CommitSignature(state="clean merge", reason="a clean merge of its parents")
    return found.copy_with(reason=_NO_MERGE.format(reason=found.reason))
