"""A fork of a process: what it runs, how it ends, and that it takes nothing of what its parent was about to do."""

from __future__ import annotations

import subprocess
import sys

from liftgate.runtime.project import project_root

PROGRAM = """
import sys, time
from pathlib import Path
from worker.forked import Forked, name_process

def fails():
    name_process("a-fork")
    print(Path("/proc/self/comm").read_text().strip(), repr(sys.stdin.read()))
    raise ValueError("as asked")

print("printed once")
fork = Forked(fails)
print("ended with", fork.wait(30), fork.wait(0), fork.poll())
fork = Forked(lambda: time.sleep(600))
print("runs", fork.poll(), fork.wait(0.01))
fork.kill()
print("killed", fork.wait(30))
fork.kill()
"""


def test_it_runs_one_function_and_its_end_is_known() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=project_root(), input="typed", capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "printed once",
        "a-fork ''",
        "ended with 1 1 1",
        "runs None None",
        "killed -9",
    ]
    assert done.stderr.endswith("ValueError: as asked\n")
