"""Tests of sign-in by others."""
