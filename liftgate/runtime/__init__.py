"""Starts, watches and stops the programs that Liftgate needs; knows processes, not promotions."""
