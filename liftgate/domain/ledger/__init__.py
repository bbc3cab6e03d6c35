"""What happened: entries, copies of verified values, and which values can be restored."""
