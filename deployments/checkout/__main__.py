"""Run by `./dev`, with whatever Python 3.11 or newer the machine has."""

from __future__ import annotations

import sys

from deployments.checkout.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
