"""Plans: what a release or an update changes in an environment, and how people read it."""
