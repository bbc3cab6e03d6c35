"""The checks of `doctor` about the signatures of people's commits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Final

from liftgate.cli import connection
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.judged_commit import JudgedCommit, Rule, signatures_verdict
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.common.words import in_words
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.openpgp import GPG_KEYS
from liftgate.services import signatures
from liftgate.services.signatures import Place
from liftgate.wiring import Integrations

_MOST: Final = 100
"""Applications that are checked in each environment."""
_ADD: Final = 'add a line to .liftgate/allowed_signers, such as: ada@example.com namespaces="git" ssh-ed25519 AAAA…'


def check_signatures() -> Mapping[str, Verdict]:
    """The keys, and each environment whose policy says something about signatures."""
    tree, at = connection.fetched(), Integrations(connection.settings())
    rules = {place: signatures.rule_of(tree, place) for place in tree.configuration.order}
    required = [place for place, rule in rules.items() if rule == "required"]
    signatures.revoked_keys(tree)
    openpgp, asked = signatures.openpgp_keys(tree), {place: rule for place, rule in rules.items() if rule}
    keys = keys_verdict(signatures.peoples_keys(tree.signers), required, at.clock.now(), openpgp)
    if openpgp and not shutil.which("gpg"):
        keys = failed(f"{GPG_KEYS} has keys, but gpg is not installed here, so OpenPGP signatures are not checked")
    return {"signatures": keys} | {f"signatures in {place}": _commits(at, tree, place, asked[place]) for place in asked}


def keys_verdict(keys: tuple[Signer, ...], required: list[str], now: datetime, openpgp: int = 0) -> Verdict:
    """Whether a person could sign what has to be signed; `openpgp` is the number of their OpenPGP keys."""
    names = tuple(dict.fromkeys(each.principal for each in keys))
    now_valid = {each.principal for each in keys if each.is_valid(now)}
    over = [name for name in names if name not in now_valid]
    said = f"no key of {in_words(over)} is valid now" if over else ""
    if required and not now_valid and not openpgp:
        lacking = said or "no person has a key for commits"
        return failed(f"{lacking}, but the policy of {in_words(required)} requires signatures; {_ADD}")
    if not names and not openpgp:
        return not_configured(f"no person has a key for commits, so their signatures are not checked; {_ADD}")
    counted = f"people with a key for commits: {len(now_valid)}"
    more = f"OpenPGP keys: {openpgp}" if openpgp else ""
    return passed("; ".join(filter(None, (counted, more, said))))


def _commits(at: Integrations, tree: ConfigSnapshot, place: str, rule: Rule) -> Verdict:
    """What a promotion of each application's newest release would be told. What is only reported is advice."""
    found = {
        each.commit: each for name in islice(tree.applications, _MOST) for each in _of_newest(at, tree, name, place)
    }
    said = signatures_verdict(tuple(found.values()), rule, place)
    is_advice = said.passed and not all(each.is_valid for each in found.values())
    return not_configured(said.reason) if is_advice else said


def _of_newest(at: Integrations, tree: ConfigSnapshot, name: str, place: str) -> Iterator[JudgedCommit]:
    try:
        newest = tree.newest_release(name)
        asked = Place(name, place, newest.source, newest.paths)
    except LiftgateError:
        asked = Place(name, place)
    yield from signatures.judge_place(tree, at.forge, at.entries(), asked)
