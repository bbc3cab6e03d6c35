"""Identifies a person: from the name a system proved to the name in `people` of liftgate.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from liftgate.domain.approval.policy import Person
from liftgate.domain.common.value import Value
from liftgate.domain.config.configuration import Configuration

PROVIDER: Final = "oidc"
"""Key of a person in `people` for the id that the OpenID Connect provider has for that person."""


class Who(Value):
    """A proven person; an unknown one is shown as unknown and may not decide."""

    name: str
    known: bool


class Claim(Value):
    """What a sign-in proved: a name in `people`, an e-mail address, or an id at the OpenID Connect provider."""

    kind: Literal["name", "email", "id"]
    value: str


def by_claim(configuration: Configuration, claim: Claim) -> Who:
    """From a sign-in. An e-mail address or an id is never compared with the names in `people`."""
    if claim.kind == "name" or not configuration.people:
        return by_name(configuration, claim.value)
    if claim.kind == "email":
        return _by_email(configuration, claim.value)
    return by_account(configuration, claim.value, lambda person: person.account(PROVIDER))


def by_proxy(configuration: Configuration, claim: str, login: Callable[[Person], str]) -> Who:
    """From the trusted header: an e-mail address, or else a forge login. It is never compared with the names in
    `people`, because a stranger's login may be equal to one."""
    wanted = claim.strip().lower()
    if not configuration.people:
        return Who(name=claim.strip(), known=True)
    if "@" in wanted:
        return _by_email(configuration, claim.strip())
    return by_login(configuration, claim.strip(), login)


def by_account(configuration: Configuration, name: str, account: Callable[[Person], str]) -> Who:
    """From the id a chat proved; `account` returns a person's id there.

    Without `people` no person is known: one person could otherwise vote under two names.
    """
    return _find(configuration, name, lambda person: bool(name) and account(person) == name)


def by_login(configuration: Configuration, name: str, login: Callable[[Person], str]) -> Who:
    """From the name a forge proved. Forge names ignore upper and lower case."""
    return _find(configuration, name, lambda person: bool(name) and login(person).lower() == name.lower())


def by_name(configuration: Configuration, name: str) -> Who:
    """From a sign-in link, which is for one of the names in `people`."""
    return Who(name=name, known=not configuration.people or name in configuration.people)


def _by_email(configuration: Configuration, address: str) -> Who:
    wanted = address.lower()
    return _find(configuration, address, lambda person: bool(wanted) and person.email.lower() == wanted)


def _find(configuration: Configuration, claim: str, is_meant: Callable[[Person], bool]) -> Who:
    names = [name for name, person in configuration.people.items() if is_meant(person)]
    return Who(name=names[0], known=True) if len(names) == 1 else Who(name=claim, known=False)
