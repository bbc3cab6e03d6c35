"""`liftgate.json`: environments, stages, applications, people."""
