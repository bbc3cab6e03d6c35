"""Which tests run in one process one after the other, and which begin first."""

from __future__ import annotations

from typing import Final

FIRST: Final = (
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
EACH_BY_ITSELF: Final = (
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


def unit(nodeid: str) -> str:
    """Tests with the same unit run in one process."""
    return nodeid if nodeid.startswith(EACH_BY_ITSELF) else nodeid.partition("::")[0]
