"""What `./dev` does in a checkout; it needs only Python's standard library and git."""
