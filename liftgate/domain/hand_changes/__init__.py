"""Changes that people make in Git by hand: what they change, what is wrong with them, and what their gates ask."""
