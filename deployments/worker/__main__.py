"""`python -m deployments.worker --pool POOL [--name NAME]`: a warm worker, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio

from deployments.worker.launcher import Zygote
from liftgate.runtime.signals import end_at_interrupt


def main() -> None:
    parser = argparse.ArgumentParser(prog="deployments.worker")
    parser.add_argument("--pool", required=True)
    parser.add_argument("--name")
    options = parser.parse_args()
    end_at_interrupt()
    zygote = Zygote()  # imports on the other core while this process imports
    try:
        from deployments.worker.pool import serve

        asyncio.run(serve(zygote, pool=options.pool, name=options.name))
    except KeyboardInterrupt:
        return
    finally:
        zygote.close()


if __name__ == "__main__":
    main()
