"""Rules that check existing manifests, one topic per module."""
