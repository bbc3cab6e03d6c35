"""What people see of a plan besides its rows, as digests that a vote covers: no times and no sentences."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Value
from liftgate.domain.rendered.rendered import Rendered
from liftgate.domain.runs.run_notes import Check


class Shown(Value):
    """The same for the page, the chat, the API and the pull request."""

    rendered: str
    """The digest of the rendered change; empty where none was shown."""
    page: str
    """The digest of all of it: the rendered change, and each step's name, outcome and inputs."""


def shown_to_people(rendered: Rendered | None, checks: Iterable[Check]) -> Shown:
    change = rendered.digest if rendered else ""
    steps = sorted([check.step, check.state, check.inputs] for check in checks)
    return Shown(rendered=change, page=digest({"rendered": change, "steps": [*steps]}))
