"""One named step a file: `run(context) -> Verdict`; a user adds steps by the entry point `liftgate.steps`."""
