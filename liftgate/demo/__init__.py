"""The demo: all servers on this machine, and an example that uses them."""
