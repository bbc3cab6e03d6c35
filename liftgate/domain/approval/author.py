"""Who wrote a change: they may not approve it. Which people of `people` they are, and who is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from liftgate.domain.approval.policy import Person
from liftgate.domain.commits.credits import Credit, Credits
from liftgate.domain.common.value import Value
from liftgate.domain.common.words import in_words

UNKNOWN_SHOWN: Final = 3
"""Unknown authors that a sentence names."""


class Written(Value):
    """One commit that touched the change, as far as its writers are known."""

    credits: Credits | None = None
    """What the commit says; None for a commit of Liftgate, which no person wrote."""
    signer: str = ""
    """The principal in `.liftgate/allowed_signers` whose key signed the commit."""
    requester: str = ""
    """The proven requester of a commit of Liftgate."""
    unknown: str = ""
    """A writer of whom only this text is known."""


class Authors(Value):
    """The authors of everything that the change brings."""

    people: tuple[str, ...] = ()
    """Names in `people`, or of proven requesters."""
    unknown: tuple[str, ...] = ()
    """Those who are not in `people`, as the commits name them."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, for people."""
        return (*self.people, *(f"{each} (not in people)" for each in self.unknown))

    def __str__(self) -> str:
        """`written by ada and Tom <tom@example.com> (not in people)`; empty if there is no author."""
        listed = (*self.people, *(f"{each} (not in people)" for each in self.unknown[:UNKNOWN_SHOWN]))
        more = len(self.unknown) - UNKNOWN_SHOWN
        listed = (*listed, f"{more} more") if more > 0 else listed
        return f"written by {in_words(listed)}" if listed else ""


class Directory(Value):
    """Finds people by what commits say of them."""

    emails: Mapping[str, tuple[str, ...]]
    logins: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...] = ()
    """All of `people`."""

    @classmethod
    def of(cls, people: Mapping[str, Person], login: Callable[[Person], str]) -> Directory:
        emails: dict[str, tuple[str, ...]] = {}
        logins: dict[str, tuple[str, ...]] = {}
        for name, person in people.items():
            for index, key in ((emails, person.email), (logins, login(person))):
                if key:
                    index[key.lower()] = (*index.get(key.lower(), ()), name)
        return cls(emails=emails, logins=logins, names=tuple(people))

    def by_login(self, login: str) -> str:
        """The one person with that account at the forge; empty if there is none, or more than one."""
        found = self.logins.get(login.lower(), ())
        return found[0] if len(found) == 1 else ""

    def by_email(self, email: str, account: Callable[[str], str] = lambda _: "") -> tuple[str, ...]:
        """By the address in `people`, or by the account that the forge made the address for."""
        return self.emails.get(email.lower(), ()) or self.logins.get(account(email).lower(), ())


def authors_of(
    written: Iterable[Written], directory: Directory, account: Callable[[str], str], forge: str = ""
) -> Authors:
    """`account` gives the login for an address that the forge made; `forge` is the forge's own login, under which it
    commits when people press its buttons.

    A verified signature tells the committer, also if the commit has another address. One that is claimed counts too:
    it can only take an approver away.
    """
    people: dict[str, None] = {}
    unknown: dict[str, str] = {}
    for each in written:
        people |= dict.fromkeys([each.requester] if each.requester else ())
        unknown |= {each.unknown: each.unknown} if each.unknown else {}
        signers = directory.by_email(each.signer)
        people |= dict.fromkeys(signers)
        for credit in _credited(each, account, forge):
            found = directory.by_email(credit.email, account)
            people |= dict.fromkeys(found)
            if not found and not (signers and each.credits and credit.address == each.credits.committer.address):
                unknown.setdefault(credit.address or credit.name, str(credit))
    return Authors(people=tuple(sorted(people)), unknown=tuple(unknown.values()))


def _credited(written: Written, account: Callable[[str], str], forge: str) -> tuple[Credit, ...]:
    """Without the forge as a committer; as an author it stands for an unknown person."""
    said = written.credits
    if said is None:
        return ()
    is_forge = forge and account(said.committer.email).lower() == forge.lower()
    return (said.author, *said.co_authors) if is_forge else said.everyone
