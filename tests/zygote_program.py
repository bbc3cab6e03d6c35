"""The zygote of the tests' worker: the flows of Liftgate, the tests' small ones, and one program without Prefect."""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pydantic import BaseModel

from tests.worker_program import NOTED, SMALL
from worker import zygote
from worker.engine import start
from worker.programs import FLOWS

WITHOUT_PREFECT = "tests.worker.program"


def begin(flow: str, run: str) -> None:
    if flow == WITHOUT_PREFECT:
        runpy.run_module(flow, run_name="__main__")
    else:
        with noted(os.environ.get(NOTED, "")):
            start(flow, run, {**FLOWS, **SMALL})


@contextmanager
def noted(file: str) -> Iterator[None]:
    """Write what this process imports and builds by itself into the file, if a lab asks for it."""
    modules, models = set(sys.modules), built() if file else set()
    try:
        yield
    finally:
        if file:
            new = {"modules": sorted({*sys.modules} - modules), "models": sorted(built() - models)}
            Path(f"{file}.new").write_text(json.dumps(new))
            Path(f"{file}.new").rename(file)


def built() -> set[str]:
    """The names of pydantic's models that were built."""
    found: dict[type[BaseModel], None] = dict.fromkeys(BaseModel.__subclasses__())
    waiting = list(found)
    while waiting:
        more = dict.fromkeys(waiting.pop().__subclasses__())
        waiting += more.keys() - found.keys()
        found |= more
    return {f"{model.__module__}.{model.__name__}" for model in found if model.__pydantic_complete__}


main = partial(zygote.main, start=begin, program="tests.zygote_program")

if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
