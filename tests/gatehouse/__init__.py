"""Tests of the gatehouse."""
