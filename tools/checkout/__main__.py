"""`./dev` runs this with any Python 3.11 or newer of the machine."""

from __future__ import annotations

import sys

from tools.checkout.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
