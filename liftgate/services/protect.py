"""The rules of the branches at the forge: what the policy asks for, what there is, and setting what is missing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from liftgate.domain.approval.policy import Person
from liftgate.domain.commits import signature
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.common.words import first_of, in_words
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.code_owners import PLACES, owner_lines, read_owners
from liftgate.domain.protection.difference import Line, changes, lines
from liftgate.domain.protection.foreign import foreign_lines
from liftgate.domain.protection.ruleset import Ruleset
from liftgate.domain.protection.wanted import asks_for_signatures, pushes, wanted_rulesets
from liftgate.domain.protection.wanted_owners import wanted_owners
from liftgate.errors import Refused
from liftgate.integrations.forge.protection import Account, NoRight, Protection
from liftgate.integrations.git.config_snapshot import ConfigSnapshot

COMMAND: Final = "liftgate protect"
_NAMED: Final = 3
"""How many missing rules the doctor names."""


@dataclass(frozen=True)
class Asked:
    """Of which forge and branch, by which configuration."""

    rules: Protection
    tree: ConfigSnapshot
    branch: str
    login: Callable[[Person], str]
    """A person's name at the forge."""
    workers: tuple[str, ...] = ()
    """Accounts with which Liftgate pushes and merges; empty: the one that asks."""


class Protected(Value):
    lines: tuple[Line, ...]
    changes: tuple[Ruleset, ...]
    """What would bring the missing rules."""
    has_own: bool
    """Whether a ruleset of ours exists."""
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_missing)

    @property
    def unchecked(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.state == "not checked")


def protection_of(asked: Asked) -> Protected:
    """Changes nothing. Raises Misconfigured, Unavailable, Refused for an account that does not exist."""
    accounts = tuple(map(asked.rules.account, asked.workers)) or (asked.rules.own_account(),)
    configuration = asked.tree.configuration
    signed = asks_for_signatures(configuration)
    actors = tuple(each.actor for each in accounts)
    wanted = wanted_rulesets(configuration, asked.branch, actors, signatures=signed)
    seen = asked.rules.seen(wanted)
    found = [*lines(wanted, seen), *foreign_lines(wanted, seen), *_owner_lines(asked)]
    found += [line for each in accounts for line in _signing_lines(asked, each)] if signed else []
    notes = tuple(_notes(configuration, wanted))
    return Protected(lines=tuple(found), changes=changes(wanted, seen), has_own=bool(seen.own), notes=notes)


def set_protection(asked: Asked, told: Callable[[str], None]) -> tuple[str, ...]:
    """Writes what is missing, and returns why the forge did not take some of it. `told`: gets the name of each ruleset
    that was written.

    Raises Unavailable, Misconfigured: what was written before that stays, and a second call goes on.
    """
    refused = []
    for ruleset in protection_of(asked).changes:
        try:
            asked.rules.write(ruleset)
        except NoRight as error:
            return (str(error),)
        except Refused as error:
            refused.append(f"{ruleset.name}: {error}")
        else:
            told(ruleset.name)
    return tuple(refused)


def protection_verdict(asked: Asked) -> Verdict:
    """For the doctor: what is missing, what that allows, and the command."""
    found = protection_of(asked)
    if not found.missing and not found.unchecked:
        return passed(f"{asked.branch} and Liftgate's own branches have all rules that the policy asks for")
    if not found.missing:
        unchecked = first_of((f"{line.wanted} ({line.there})" for line in found.unchecked), _NAMED)
        return passed(f"no rule is known to be missing; not checked: {'; '.join(unchecked)}")
    missing = first_of((f"{line.wanted} ({line.there}: {line.allows})" for line in found.missing), _NAMED)
    reason = f"{len(found.missing)} of {len(found.lines)} rules are missing: {'; '.join(missing)}; run: {COMMAND}"
    return failed(reason) if found.has_own else not_configured(reason)


def _owner_lines(asked: Asked) -> Iterator[Line]:
    tree, configuration = asked.tree, asked.tree.configuration
    texts = {path: file for path in PLACES if (file := tree.repository.file(tree.commit, path))}
    path = next(iter(texts), PLACES[0])
    owned = read_owners(texts[path].data.decode(errors="replace")) if texts else ()
    files = {
        environment: tuple(
            dict.fromkeys(path for name in tree.readable for path in tree.paths(name, environment).values())
        )
        for environment in configuration.order
    }
    wanted = wanted_owners(configuration, files, asked.login, path)
    return owner_lines(wanted, path, owned, asked.rules.owner_errors(asked.branch) if texts else {})


def _signing_lines(asked: Asked, account: Account) -> Iterator[Line]:
    """Where signed commits are required, the forge must take the worker's signature for the account's own."""
    title = f"the signatures of {account.login} count at the forge"
    lost = "nothing more; the worker's pushes are refused"
    if account.is_app:
        yield Line(
            wanted=title,
            there="an app cannot register a signing key",
            state="missing",
            allows=lost,
            by_hand="let Liftgate sign in as a machine user: a user account that has the worker's key as signing key",
        )
    elif account.is_user:
        signers = signature.allowed_for(signature.WORKER, asked.tree.signers)
        known = {key.partition(" ")[2] for key in asked.rules.signing_keys(account)}
        ours = [each for each in signers if base64.b64encode(each.key).decode() in known]
        if ours:
            yield Line(wanted=title, there="as wanted", state="in place")
        else:
            yield Line(
                wanted=title,
                there="none of the worker's keys in .liftgate/allowed_signers is registered there",
                state="missing",
                allows=lost,
                by_hand=f"sign in as {account.login} and add the worker's public key in its settings, as a signing key",
            )


def _notes(configuration: Configuration, wanted: tuple[Ruleset, ...]) -> Iterator[str]:
    if not pushes(configuration):
        changes_of = next(each for each in wanted if each.may_bypass and not each.bypass)
        yield (
            "every environment is delivered by pull request, so the worker bypasses no rule: approvals must be "
            "reviews of the pull request, and a rollback cannot push but calls people. To let it push, add the worker "
            f"to the bypass list of “{changes_of.name}”"
        )
    by_check = [
        name
        for name in configuration.order
        if (rule := configuration.policy_of(name).approvals) and rule.needed > 1 and rule.people
    ]
    if by_check:
        yield f"one code owner must review; the check holds that {in_words(by_check)} needs more approvals"
