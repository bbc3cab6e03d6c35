"""How Liftgate runs: on a worker, from a checkout, in containers and clusters."""
