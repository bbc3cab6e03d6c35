"""The manifests that Argo CD needs."""
