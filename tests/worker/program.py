"""What the forked processes of these tests run: says where it is, then does what FOR_TEST says."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from prefect.utilities.asyncutils import run_coro_as_sync

from worker import stuck


def look_now_and_then() -> None:
    """As heartbeats do."""
    while True:
        time.sleep(0.1)


def fill_the_disk() -> None:
    """Nothing more can be said: the log is a file."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream.fileno())
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def use_all_file_descriptors() -> None:
    used = len(list(Path("/proc/self/fd").iterdir())) - 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (used, used))


if __name__ == "__main__":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    says = f"{os.getppid()} {os.getpid()} {child.pid} {Path.cwd()} {os.environ.get('HOME', 'no home')}"
    unfinished = Path("note.new")
    unfinished.write_text(says)
    unfinished.rename("note")
    asked, _separator, place = os.environ["FOR_TEST"].partition(", ")
    if place == "full disk":
        fill_the_disk()
    match asked:
        case "sleep":
            time.sleep(600)
        case "raise":
            raise ValueError("as asked")
        case "names its threads":
            Path("note").write_text(" ".join(thread.name for thread in threading.enumerate()))
        case "wait for ever":
            if not place:
                os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT), sys.stderr.fileno())
            stuck.watch(after=1.0, every=0.1)
            threading.Thread(target=look_now_and_then, daemon=True).start()
            threading.Event().wait()
        case "wait for one that works":
            stuck.watch(after=1.0, every=0.1)
            for _ in range(15):
                working = threading.Thread(target=time.sleep, args=(0.2,))
                working.start()
                working.join()
        case "no file descriptor":
            use_all_file_descriptors()
            run_coro_as_sync(asyncio.sleep(0))
        case code:
            sys.exit(int(code))
