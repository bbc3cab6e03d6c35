"""Secrets in values and texts: detection, masking, references."""
