"""Git commits as bytes, and signatures."""
