"""A supervisor to be killed: starts what a test names, says so in a file, then waits."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from liftgate.runtime.signals import end_at_interrupt
from liftgate.runtime.supervisor import Supervisor
from tests.runtime.test_supervisor import Sleeper

if __name__ == "__main__":
    end_at_interrupt()
    folder = Path(sys.argv[1])
    with Supervisor(folder) as supervisor:
        supervisor.start(Sleeper(folder))
        time.sleep(600)
