"""The form behind Prefect's own Resume button."""

from __future__ import annotations

from prefect.input import RunInput
from pydantic import Field


class ResumeForm(RunInput):
    """`approved` has no default: a form sent untouched must never decide."""

    approved: bool = Field(
        title="Approve?",
        description="Counts only where the policy allows an unproven person; else the run asks again",
    )
    reason: str = Field(default="", title="Reason")
