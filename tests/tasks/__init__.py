"""Tests of the tasks' own rules; what they do is seen in tests/flows."""
