"""The Liftgate worker in Kubernetes: a Deployment."""
