"""Which tests run in one process one after the other, and which begin first.

pytest-xdist's own groups rename the tests, which pytest 9.2 does not let it do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

FIRST = (
    "tests/chaos/test_chaos.py",
    "tests/demo/test_demo.py",
    "tests/test_readme.py",
    "tests/flows/",
    "tests/server/test_with_the_flow.py",
    "tests/cli/test_servers.py",
    "tests/worker/",
    "tests/cli/test_up.py",
    "sandbox/sandbox_tests/argocd/test_recordings.py",
    "tests/test_limits.py",
)
"""What takes longest, in the order in which it begins, so that none is left alone at the end. The last two mostly wait:
at the end of the suite, both processors would wait with them."""
EACH_BY_ITSELF = (
    "tests/flows/",
    "tests/server/test_with_the_flow.py",
    "tests/cli/test_servers.py",
    "tests/services/moved/",
)
"""Files of long tests that share nothing. The tests of each other file stay together: what its fixtures start, such as
a worker, a browser or `up`, is started once."""


def turn(nodeid: str) -> tuple[int, str]:
    """The lower, the earlier the test begins; those of a file one after the other."""
    first = next((turn for turn, place in enumerate(FIRST) if nodeid.startswith(place)), len(FIRST))
    return first, nodeid.partition("::")[0]


def begun_elsewhere(root: Path, folders: Sequence[str], worker: str, workers: int) -> list[str]:
    """All that is in the folders, beginning with the part of this worker (`gw0` is the first)."""
    inside = [path for folder in folders for path in sorted((root / folder).iterdir()) if _has_tests(path)]
    begin = len(inside) * int(worker.removeprefix("gw")) // workers
    return [path.relative_to(root).as_posix() for path in (*inside[begin:], *inside[:begin])]


def _has_tests(path: Path) -> bool:
    return any(path.rglob("test_*.py")) if path.is_dir() else path.match("test_*.py")


def unit(nodeid: str) -> str:
    """Tests with the same unit run in one process."""
    return nodeid if nodeid.startswith(EACH_BY_ITSELF) else nodeid.partition("::")[0]


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One unit of work for each file, or for each test of some."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
