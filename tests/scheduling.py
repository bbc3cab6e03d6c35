"""Which tests run in one process together: those that share the lab, first; every other file by itself.

pytest-xdist's own groups rename the tests, which pytest 9.2 does not let it do.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

LAB = ("tests/flows/", "tests/gatehouse/test_with_the_flow.py", "tests/cli/test_servers.py")


def is_lab(nodeid: str) -> bool:
    return nodeid.startswith(LAB)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One unit of work for the lab, one for each other file."""

    def _split_scope(self, nodeid: str) -> str:
        return "lab" if is_lab(nodeid) else nodeid.partition("::")[0]
