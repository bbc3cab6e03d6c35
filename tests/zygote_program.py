"""The zygote of the tests' worker: the flows of Liftgate, the tests' small ones, and one program without Prefect."""

from __future__ import annotations

import runpy
import sys

from tests.worker_program import SMALL
from worker import zygote
from worker.engine import start
from worker.programs import FLOWS

WITHOUT_PREFECT = "tests.worker.program"


def begin(flow: str, run: str) -> None:
    if flow == WITHOUT_PREFECT:
        runpy.run_module(flow, run_name="__main__")
    else:
        start(flow, run, {**FLOWS, **SMALL})


if __name__ == "__main__":
    zygote.main(*map(int, sys.argv[1:]), start=begin)
