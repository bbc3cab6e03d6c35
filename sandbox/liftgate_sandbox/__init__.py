"""Local servers that speak the real protocols over real state; they know nothing of promotions."""
