"""What must hold before a plan is applied: policy, votes, reviews, windows, pauses."""
