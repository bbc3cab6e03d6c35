"""What `./dev` does in a checkout; needs nothing but Python's standard library and git."""
