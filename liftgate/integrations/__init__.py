"""One folder a role, one file a product; the role module says what we need."""
