"""What a liar can and cannot do, one file a subject."""
