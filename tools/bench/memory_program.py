"""The worker of the memory's measurement: everything is real, but the process of each run ends at once.

Its zygote is this module too, when its arguments are sockets.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from worker import zygote
from worker.__main__ import main as work

FLOW = "promote"


def end(_flow: str, _run: str) -> None:
    """So the worker reports that the run crashed, and the next one has its place."""
    os._exit(1)


main = partial(zygote.main, start=end, program="tools.bench.memory_program")

if __name__ == "__main__":
    if all(argument.isdigit() for argument in sys.argv[1:]):
        main(*map(int, sys.argv[1:]))
    else:
        work("tools.bench.memory_program")
