"""Runs whose notes are read once, for a look at many runs that asks for the notes of each several times."""

from __future__ import annotations

from typing import Any, Final


class Substitute:
    """Stands for something else: what it does not have itself is the other's."""

    def __init__(self, of: Any) -> None:
        self._of: Final = of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)


class ReadOnce(Substitute):
    """A note that is written through it is seen."""

    def __init__(self, of: Any, within: float = 0.0) -> None:
        """What it reads may be so many seconds old."""
        super().__init__(of)
        self._within = within
        self._read: dict[str, dict[str, str]] = {}

    def inputs(self, run_id: str, prefix: str = "", *, within: float = 0.0) -> dict[str, str]:  # noqa: ARG002
        if run_id not in self._read:
            self._read[run_id] = self._of.inputs(run_id, within=self._within)
        return {key: value for key, value in self._read[run_id].items() if key.startswith(prefix)}

    def add_input(self, run_id: str, key: str, value: str) -> bool:
        self._read.pop(run_id, None)
        return bool(self._of.add_input(run_id, key, value))
