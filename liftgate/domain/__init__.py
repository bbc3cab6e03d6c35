"""Pure values and rules: no I/O, clock, randomness, logging or environment; time and people come in as arguments."""
