"""The demo: everything on this machine, and a story told with it."""
