"""Attempts to change an environment, and the messages about them."""
