"""The worker that runs the flows: Prefect's own process worker, made quick by forking instead of importing.

worker      hears of due runs, polls Prefect and watches its runs (wake.py, pool.py, launcher.py)
└ zygote    has imported Prefect and the flows; one thread, does nothing but fork (zygote.py, sources.py)
  └ keeper  one a run: waits for the flow, ends it when the worker is gone (keeper.py)
    └ flow  becomes `python -m prefect.engine` (child.py)
"""
