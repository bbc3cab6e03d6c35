"""The form behind Prefect's own Resume button."""

from __future__ import annotations

from prefect.input import RunInput
from pydantic import Field


class ResumeForm(RunInput):
    """`approved` has no default, so that an unchanged form cannot decide."""

    approved: bool = Field(
        title="Approve?",
        description="Counts only where the text above says so; otherwise the run looks at its gates and waits again",
    )
    reason: str = Field(default="", title="Reason")
