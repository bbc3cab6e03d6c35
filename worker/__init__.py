"""The worker that runs the flows of its own installation, made faster by forking instead of importing.

worker      receives events for due runs, polls Prefect and watches its runs (wake.py, pool.py, launcher.py);
│           has a number of places for them (slots.py, due_runs.py), and sometimes tidies the machine (tidying.py)
├ signer    has the signing key and the token; checks what it is asked to sign and push (signer.py, keys.py)
└ zygote    is forked from the worker, and imports the flows; one thread, only forks (zygote.py, sources.py)
  └ keeper  one for each run: waits for the flow, ends it when the worker has ended (keeper.py)
    └ flow  runs with Prefect's engine, without its loader (child.py, engine.py)
"""
