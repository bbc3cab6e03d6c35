"""Sets of applications."""
