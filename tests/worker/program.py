"""What the forked processes of these tests run: says where it is, then does what FOR_TEST says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    says = f"{os.getppid()} {os.getpid()} {child.pid} {Path.cwd()} {os.environ.get('HOME', 'no home')}"
    unfinished = Path("note.new")
    unfinished.write_text(says)
    unfinished.rename("note")
    match os.environ["FOR_TEST"]:
        case "sleep":
            time.sleep(600)
        case "raise":
            raise ValueError("as asked")
        case code:
            sys.exit(int(code))
