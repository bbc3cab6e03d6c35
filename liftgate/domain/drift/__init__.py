"""Where the cluster differs from Git."""
