"""The flows: what happens in which order. One flow per file, no I/O."""
