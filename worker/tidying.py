"""Starts the short program of upkeep.py every ten minutes: in this process it would take memory for good."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

EVERY: Final = 600.0
WITHIN: Final = 300.0
"""Seconds after which the program is killed."""
BUSY: Final = "--busy"
"""Its argument while runs of this worker need the mirror."""


async def forever(is_busy: Callable[[], bool]) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            await once(is_busy=is_busy())
        except OSError as error:
            print(f"the mirror could not be tidied: {error}", flush=True)


async def once(*, is_busy: bool) -> int:
    """The program's exit code; negative if it was killed."""
    arguments = [BUSY] if is_busy else []
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "worker.upkeep", *arguments)
    try:
        return await asyncio.wait_for(process.wait(), WITHIN)
    except TimeoutError:
        return -9
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
