"""Which tests run in one process one after the other: those of a file, but of the longest files each by itself.

pytest-xdist's own groups rename the tests, which pytest 9.2 does not let it do.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

LONG = (
    "tests/demo/",
    "tests/flows/",
    "tests/server/test_with_the_flow.py",
    "tests/cli/test_servers.py",
    "tests/runtime/test_two_hosts.py",
    "tests/worker/",
)
"""They begin first, so that none is left alone at the end."""
ONE_SCENE = ("tests/worker/test_pool.py", "tests/worker/test_wake.py")
"""Files whose tests share what is slow to make."""


def is_long(nodeid: str) -> bool:
    return nodeid.startswith(LONG)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One unit of work for each file, or for each test of a long one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if is_long(nodeid) else str(nodeid.partition("::")[0])
