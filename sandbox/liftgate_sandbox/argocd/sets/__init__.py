"""ApplicationSets: what their generators find in Git, the applications they stand for, their controller."""
