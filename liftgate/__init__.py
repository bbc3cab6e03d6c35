"""Liftgate: promotes environment values through Git and Argo CD, planned, gated, verified and rolled back."""

__version__ = "0.1.0"
