"""A small Kubernetes: objects with versions, three-way apply, deployments that roll out, jobs that end."""
