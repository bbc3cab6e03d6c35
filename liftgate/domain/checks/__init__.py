"""Rules of the checks: what they expect and report."""
