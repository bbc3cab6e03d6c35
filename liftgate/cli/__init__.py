"""The command line: parses arguments, prints answers, sets the exit code. It contains no rules."""
