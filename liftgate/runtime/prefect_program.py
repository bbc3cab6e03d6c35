"""`python -m liftgate.runtime.prefect_program …`: Prefect's own command line, which looks for garbage less often.

It imports some 2,000 modules, which make many objects and hardly any garbage: with Python's own thresholds, an eighth
of the processor time of its start goes into looking for it.
"""

from __future__ import annotations

import gc
import runpy
from typing import Final

THRESHOLDS: Final = (50_000, 20, 100)
"""See `gc.set_threshold`."""

if __name__ == "__main__":
    gc.set_threshold(*THRESHOLDS)
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
