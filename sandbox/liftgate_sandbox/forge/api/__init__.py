"""GitHub's REST API as a GitHub Enterprise Server has it, below /api/v3."""
