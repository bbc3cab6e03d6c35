"""Which tests run in one process together: those that share one of the two labs, first; every other file by itself.

pytest-xdist's own groups rename the tests, which pytest 9.2 does not let it do.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

LAB = ("tests/flows/", "tests/gatehouse/test_with_the_flow.py", "tests/cli/test_servers.py")
SECOND = ("tests/flows/test_kills", "tests/flows/test_r", "tests/flows/test_n", "tests/cli/test_servers.py")
"""About half of them by time: each lab has a Prefect server of its own, because labs share the deployments' names. What
asks for every run there is belongs here, and comes first: the other server is the gatehouses' too."""


def is_lab(nodeid: str) -> bool:
    return nodeid.startswith(LAB)


def is_second(nodeid: str) -> bool:
    return nodeid.startswith(SECOND)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One unit of work for each lab, one for each other file."""

    def _split_scope(self, nodeid: str) -> str:
        if is_lab(nodeid):
            return "second lab" if is_second(nodeid) else "lab"
        return nodeid.partition("::")[0]
