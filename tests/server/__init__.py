"""Tests of the Liftgate server."""
