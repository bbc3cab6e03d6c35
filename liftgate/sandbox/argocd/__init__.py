"""A stand-in Argo CD: its real REST and event-stream protocol over a real reconciler of Git and a small cluster."""

from liftgate.sandbox.argocd.lab import ArgoCD
from liftgate.sandbox.argocd.timings import Timings

__all__ = ["ArgoCD", "Timings"]
