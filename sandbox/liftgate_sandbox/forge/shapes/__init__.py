"""GitHub's JSON shapes of what the forge knows."""
