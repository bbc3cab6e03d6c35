"""The whole system, with people at work, while its programs die and its connections break."""
