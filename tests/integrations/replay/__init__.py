"""Tests of the memory of what may happen only once."""
