"""Data that Prefect stores with a run."""
