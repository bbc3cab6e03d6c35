"""Rules of branches: what Liftgate needs of a forge to read and to set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from liftgate.domain.common.value import Value
from liftgate.domain.protection.ruleset import Actor, Ruleset, Seen
from liftgate.errors import Refused

DEPLOY_KEY: Final = "deploy-key"
"""The name of the account of a worker that pushes over SSH with a deploy key."""


class NoRight(Refused):
    """The account that asks may not change the rules."""


class Account(Value):
    """With which Liftgate pushes and merges."""

    login: str
    actor: Actor
    is_app: bool = False
    """An app has no signing key of its own at the forge."""

    @property
    def is_user(self) -> bool:
        """Whether it may have signing keys."""
        return not self.is_app and self.login != DEPLOY_KEY and not self.login.startswith("@")


class Protection(Protocol):
    """Raises Unavailable and Misconfigured for what keeps it from reading, NoRight for a missing right to write."""

    def own_account(self) -> Account:
        """The one that asks."""

    def account(self, login: str) -> Account:
        """By login, by an app's name with `[bot]`, as a team's `@organization/team`, or `deploy-key`.

        Raises Refused if there is none."""

    def seen(self, wanted: Iterable[Ruleset]) -> Seen:
        """The rulesets with the names of the wanted ones, and for an example of each of their branches what other
        rules hold there."""

    def write(self, ruleset: Ruleset) -> None:
        """Make it, or bring the one with its id to this. Raises NoRight; Refused with the forge's own reason."""

    def by_hand(self, ruleset: Ruleset) -> str:
        """What a person clicks for the same, with the address of the page; several lines."""

    def owner_errors(self, branch: str) -> Mapping[str, str]:
        """What is wrong in the branch's CODEOWNERS, by place, such as a person who may not write."""

    def signing_keys(self, account: Account) -> tuple[str, ...]:
        """The SSH keys, as `type base64`, whose signatures the forge takes for the account's own."""
