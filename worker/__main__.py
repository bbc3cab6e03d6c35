"""`python -m worker --pool POOL [--name NAME] [--cold]`: run a worker until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Mapping

from liftgate.runtime.signals import end_at_interrupt
from liftgate.runtime.worker_name import new_worker_name
from worker import keys
from worker.launcher import Launcher, Zygote, is_supported
from worker.process_environment import Variables, variables
from worker.programs import FLOWS
from worker.sources import fingerprint


def main(zygote: str = "worker.zygote", flows: Mapping[str, str] = FLOWS, variables_of: Variables = variables) -> None:
    """`zygote` is the module of the program that forks, `flows` are those that it can run."""
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--pool", required=True)
    parser.add_argument("--name", default=new_worker_name())
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    end_at_interrupt()
    keys.part_with_keys(sys.argv[1:])
    warm = None
    try:
        known = fingerprint()
        gc.disable()  # an import makes many objects and little garbage: looking for it would take a seventh of the time
        from worker.pool import serve
        from worker.slots import limit_here

        gc.collect()
        gc.freeze()  # so the zygote shares the memory of what is imported here
        warm = None if options.cold or not is_supported() else Zygote(zygote, known)
        gc.enable()
        keys.end_without_signer()  # by a thread: a process with more than one is not forked
        launcher = Launcher(warm, variables_of)
        asyncio.run(serve(launcher, flows, pool=options.pool, name=options.name, limit=limit_here()))
    except KeyboardInterrupt:
        sys.exit(keys.LOST if keys.lost_signer() else 0)
    finally:
        if warm:
            warm.close()


if __name__ == "__main__":
    main()
