"""What an entry of the ledger says of a change that a person made outside Liftgate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from liftgate.domain.common.plain import printable
from liftgate.domain.common.value import Value

Printable = Annotated[str, AfterValidator(printable)]
"""Text that people or other programs wrote, as it is shown; what was signed is what the file says."""


class ByHand(Value):
    """How a person brought a commit to the branch, and which gates were not open then."""

    how: Literal["merged", "pushed"]
    """`merged`: by a pull request, as the forge says. `pushed`: everything else."""
    by: Printable
    """Who merged it, as the forge says; of a push, the author that the commit names: nothing proves it."""
    author: Printable = ""
    """Who opened the pull request."""
    pull_request: Printable = ""
    """Its address."""
    reviewers: tuple[Printable, ...] = ()
    """Whose approving review of exactly the merged head counted."""
    bypassed: tuple[Printable, ...] = ()
    """Why the gates were not open at that time, a sentence each; empty where they were."""
    earlier: tuple[Printable, ...] = ()
    """The changes by hand before it that it is taken over with, newest first: a pull request or a commit, and who."""

    @property
    def sentence(self) -> str:
        """`Merged by hand by ada.`, and why the gates were not open."""
        said = f"{self.how.capitalize()} by hand by {self.by or 'unknown'}."
        return f"{said} Bypassed: {'; '.join(self.bypassed)}." if self.bypassed else said
