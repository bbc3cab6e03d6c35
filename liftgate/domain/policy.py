"""What an environment asks of a promotion: upstream, start, delivery and approvals."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, NonNegativeInt

from liftgate.domain.freeze import Freeze
from liftgate.domain.span import Span
from liftgate.domain.value import Value


class Person(Value):
    """One human, under the names the systems around know them by: an address, and an account by each product's name.

    Which products there are is checked where they are known (`liftgate.steps.registry`).
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    email: str = ""

    @property
    def accounts(self) -> dict[str, str]:
        return self.__pydantic_extra__

    def account(self, product: str) -> str:
        """The person's name at the product; empty where `people` does not say it."""
        return self.accounts.get(product, "")


class Approvals(Value):
    needed: NonNegativeInt = 0
    people: tuple[str, ...] = Field(default=(), alias="from", serialization_alias="people")
    """Names of `people` whose vote counts; empty: anybody the gatehouse can prove. Answers have it as `people`."""
    unproven: bool = False
    """Whether Prefect's own Resume form, which proves nobody, counts as a vote."""


class Policy(Value):
    after: tuple[str, ...] | None = None
    """Environments that must have verified the release; None: the one before."""
    start: Literal["automatic", "manual"] = "automatic"
    """Whether the environment before starts this one's promotion."""
    deliver: Literal["push", "pull-request"] | None = None
    """None: the last environment by pull request where the forge has them, all others by push."""
    approvals: Approvals | None = None
    """None: one for the last environment, none for the others."""
    soak: Span | None = None
    """How long the release must have been verified in every environment it comes after."""
    freeze: tuple[Freeze, ...] = ()
    """When nothing is applied; a rollback is."""
