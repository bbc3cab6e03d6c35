"""A stand-in Argo CD: its real REST and event streams over a real reconciler and a small cluster."""

from liftgate_sandbox.argocd.lab import ArgoCD
from liftgate_sandbox.argocd.timings import Timings

__all__ = ["ArgoCD", "Timings"]
