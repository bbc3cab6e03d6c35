"""Faults that somebody asked for at `/sandbox/faults`: what a real installation does on a bad day."""

from __future__ import annotations

from random import Random
from threading import Lock

from liftgate_sandbox.argocd.kube import Object

NAMES = (
    "drop-refresh", "status-503", "stream-cut", "controller-down", "lost-answer", "git-unavailable",
    "repo-server-down", "sync-fails", "slow", "late-cache",
)  # fmt: skip


class Faults:
    """The faults in force; `times` counts down, a fault without it stays until it is deleted.

    One with a `chance` from 0 to 1 strikes now and then, with the same `seed` always at the same times.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Object] = []

    def add(self, fault: Object) -> None:
        """Take a fault up; ValueError names an unknown one."""
        if fault.get("fault") not in NAMES:
            raise ValueError(f"unknown fault {fault.get('fault')!r}: one of {', '.join(NAMES)}")
        with self._lock:
            self._faults.append(dict(fault))

    def all(self) -> list[Object]:
        """What is in force."""
        with self._lock:
            return [dict(fault) for fault in self._faults]

    def end(self, fault: Object) -> None:
        """End one that was added like this."""
        with self._lock:
            self._faults = [one for one in self._faults if one != fault]

    def clear(self) -> None:
        """End all of them."""
        with self._lock:
            self._faults.clear()

    def find(self, name: str, application: str = "") -> Object | None:
        """The first fault of that name for this application, not counted."""
        with self._lock:
            return self._find(name, application)

    def take(self, name: str, application: str = "") -> Object | None:
        """The same, counted: after the last of its `times` it is gone."""
        with self._lock:
            fault = self._find(name, application)
            if fault and not _strikes(fault):
                return None
            if fault and "times" in fault:
                fault["times"] -= 1
                self._faults = [one for one in self._faults if one.get("times", 1) > 0]
            return fault

    def _find(self, name: str, application: str) -> Object | None:
        for fault in self._faults:
            if fault["fault"] == name and fault.get("application", application) == application:
                return fault
        return None


def _strikes(fault: Object) -> bool:
    if "chance" not in fault:
        return True
    fault["seed"] = int(fault.get("seed", 0)) + 1
    return Random(fault["seed"]).random() < float(fault["chance"])
