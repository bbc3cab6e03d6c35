"""What an environment requires of a promotion: upstream, start, delivery and approvals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, NonNegativeInt

from liftgate.domain.approval.freeze import Freeze
from liftgate.domain.approval.turn import Waiting
from liftgate.domain.common.span import Span, human
from liftgate.domain.common.value import Value


class Person(Value):
    """One person: an e-mail address, and an account name for each product.

    The product names are checked in `liftgate.steps.registry`.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    email: str = ""
    """E-mail address, as a sign-in or a commit names the person. Other keys are account names, by product."""

    @property
    def accounts(self) -> dict[str, str]:
        return self.__pydantic_extra__

    def account(self, product: str) -> str:
        """The person's name at the product; empty if `people` does not have it."""
        return self.accounts.get(product, "")


class Approvals(Value):
    needed: NonNegativeInt = 0
    """How many people must approve."""
    people: tuple[str, ...] = Field(default=(), alias="from", serialization_alias="people")
    """Names of `people` whose vote counts; empty: anyone the Liftgate server can prove. The API says `people`."""
    author: Literal["refused", "allowed"] = "refused"
    """Whether people may approve what they wrote. If it is allowed and `from` names one person, that person may also
    approve what they requested."""
    unproven: bool = False
    """Whether Prefect's own Resume form, which does not prove who answered, counts as a vote."""

    @property
    def is_alone(self) -> bool:
        """Whether the one person of a team approves also what they requested."""
        return self.author == "allowed" and len(self.people) == 1


class Policy(Value):
    after: tuple[str, ...] | None = None
    """Environments that must have verified the release; without it the one before."""
    start: Literal["automatic", "manual"] = "automatic"
    """Whether a promotion verified in the previous environment starts this one's."""
    deliver: Literal["push", "pull-request"] | None = None
    """Without it: by pull request for the last environment if the forge has them, by push for all others."""
    unknown_author: Literal["report", "refuse"] = "report"
    """What happens to a change with an author who is not in `people`: people are told, or it is refused."""
    signatures: Annotated[Literal["required", "reported"] | None, Field(exclude_if=lambda rule: rule is None)] = None
    """Whether all commits that a promotion brings, and those that changed the environment since the last one, must be
    validly signed; `reported` only shows it. Without it: reported if `.liftgate/allowed_signers` has a person's key."""
    rendered: Literal["report", "ask-again"] = "report"
    """What happens when Argo CD renders another change than a voter saw: `report` counts the vote and tells people,
    `ask-again` does not count it and asks people again."""
    waiting: Waiting = "supersede"
    """What happens to a promotion that waits when a newer one comes to the same gate: `supersede` ends it, `queue`
    keeps both, and the later one waits until the earlier one is over."""
    approvals: Approvals | None = None
    """Without it: one for the last environment, none for the others."""
    soak: Span | None = None
    """How long the release must have been verified in every upstream environment."""
    freeze: tuple[Freeze, ...] = ()
    """When no promotion is applied. Rollbacks ignore it."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The policy in sentences, for people who decide."""
        wanted = self.approvals or Approvals()
        who = ", ".join(wanted.people) or "any identified person"
        but = "" if wanted.is_alone else ", but not by the requester"
        but += " or the authors" if but and wanted.author == "refused" else ""
        few = "1 approval" if wanted.needed == 1 else f"{wanted.needed} approvals"
        said = [f"{few} needed, by {who}{but}" if wanted.needed else "no approval needed"]
        if self.soak:
            said.append(f"the release must be verified upstream for {human(self.soak)}")
        said += [
            f"nothing is applied for {human(each.length)} from {each.cron} ({each.timezone})" for each in self.freeze
        ]
        said += ["every commit must be signed by a known person"] if self.signatures == "required" else []
        said += ["promotions wait for each other in the order of their requests"] if self.waiting == "queue" else []
        return tuple(said)
