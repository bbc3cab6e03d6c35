"""Steps of our own for Liftgate: one a module, each with a function `run`."""
