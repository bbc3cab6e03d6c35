"""Who somebody is: from the name a system proved to the name `people` of liftgate.json knows them by."""

from __future__ import annotations

from collections.abc import Callable

from liftgate.domain.configuration import Configuration
from liftgate.domain.policy import Person
from liftgate.domain.value import Value


class Who(Value):
    """A proven person; one nobody knows is shown as such and may not decide."""

    name: str
    known: bool


def by_proxy(configuration: Configuration, claim: str, login: Callable[[Person], str]) -> Who:
    """From the trusted header: an e-mail address, or else a forge login. It is never compared with our own names,
    because a stranger's login may be equal to one."""
    wanted = claim.strip().lower()
    if not configuration.people:
        return Who(name=claim.strip(), known=True)
    if "@" in wanted:
        return _find(configuration, claim, lambda person: person.email.lower() == wanted)
    return by_login(configuration, claim.strip(), login)


def by_account(configuration: Configuration, name: str, account: Callable[[Person], str]) -> Who:
    """From the id a chat proved; `account` says a person's id there.

    Without `people` nobody is known: the same human would count under two names.
    """
    return _find(configuration, name, lambda person: bool(name) and account(person) == name)


def by_login(configuration: Configuration, name: str, login: Callable[[Person], str]) -> Who:
    """From the name a forge proved, as with an account; to a forge a name is the same in any case of letters."""
    return _find(configuration, name, lambda person: bool(name) and login(person).lower() == name.lower())


def by_name(configuration: Configuration, name: str) -> Who:
    """From a sign-in link, which was made out to one of our own names."""
    return Who(name=name, known=not configuration.people or name in configuration.people)


def _find(configuration: Configuration, claim: str, is_meant: Callable[[Person], bool]) -> Who:
    names = [name for name, person in configuration.people.items() if is_meant(person)]
    return Who(name=names[0], known=True) if len(names) == 1 else Who(name=claim, known=False)
