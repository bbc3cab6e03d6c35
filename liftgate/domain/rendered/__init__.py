"""What a commit would change in the cluster."""
