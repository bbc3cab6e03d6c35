"""Argo CD's REST API over the reconciler, with its exact answers."""
