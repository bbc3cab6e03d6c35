"""Rules of branches in memory: the twin of a forge, for tests that need rules and no server that enforces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from liftgate.domain.protection.ruleset import Actor, Rule, Ruleset, Seen, example
from liftgate.errors import Refused
from liftgate.integrations.forge.protection import DEPLOY_KEY, Account, NoRight


@dataclass
class InMemoryRules:
    """What the forge has."""

    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """SSH keys by login."""
    errors: dict[str, dict[str, str]] = field(default_factory=dict)
    """By branch."""
    admins: set[str] = field(default_factory=set)
    hidden: tuple[str, ...] = ()
    """Branches with more rules than anyone is told."""
    ids: Iterable[int] = field(default_factory=lambda: count(1))

    def add(self, login: str, *, is_admin: bool = False, is_app: bool = False) -> Account:
        actor = Actor(type="Integration" if is_app else "User", id=next(iter(self.ids)))
        self.accounts[login] = Account(login=login, actor=actor, is_app=is_app)
        self.admins |= {login} if is_admin else set()
        return self.accounts[login]

    def protection(self, login: str) -> MemoryProtection:
        return MemoryProtection(self, login)


class MemoryProtection:
    def __init__(self, there: InMemoryRules, login: str) -> None:
        """`login`: the account that asks."""
        self._there, self._login = there, login

    def own_account(self) -> Account:
        return self._there.accounts[self._login]

    def account(self, login: str) -> Account:
        if login == DEPLOY_KEY:
            return Account(login=login, actor=Actor(type="DeployKey", name="Deploy keys"))
        if login not in self._there.accounts:
            raise Refused(f'there is no account "{login}"')
        return self._there.accounts[login]

    def seen(self, wanted: Iterable[Ruleset]) -> Seen:
        wanted = tuple(wanted)
        names = {each.name for each in wanted}
        own = tuple(each for each in self._there.rulesets.values() if each.name in names)
        branches = {example(pattern) for each in wanted for pattern in each.include}
        foreign = {branch: self._foreign(branch, names) for branch in branches}
        return Seen(own=own, foreign=foreign, hidden=self._there.hidden)

    def _foreign(self, branch: str, names: set[str]) -> tuple[Rule, ...]:
        others = (each for each in self._there.rulesets.values() if each.name not in names)
        return tuple(rule for each in others if each.applies_to(branch) for rule in each.rules)

    def write(self, ruleset: Ruleset) -> None:
        if self._login not in self._there.admins:
            raise NoRight("this account may not change the rules")
        number = ruleset.id or next(iter(self._there.ids))
        if any(each.name == ruleset.name and each.id != number for each in self._there.rulesets.values()):
            raise Refused(f'there is a ruleset "{ruleset.name}" already')
        self._there.rulesets[number] = ruleset.copy_with(id=number, may_bypass=())

    def by_hand(self, ruleset: Ruleset) -> str:
        return f"set {ruleset.name} in memory"

    def owner_errors(self, branch: str) -> Mapping[str, str]:
        return self._there.errors.get(branch, {})

    def signing_keys(self, account: Account) -> tuple[str, ...]:
        return self._there.keys.get(account.login, ())
