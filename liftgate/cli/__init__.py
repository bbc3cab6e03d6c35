"""The command line: parses, prints, exits; no rules live here."""
