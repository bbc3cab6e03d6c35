"""What keeps a container from running: an image or settings that do not exist, a command that ends."""

from __future__ import annotations

from typing import NamedTuple

from liftgate_sandbox.argocd.cluster.commands import crashes
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.kube import Key, Object, containers, images

MISSING_TAG = ":bad"
"""An image of this tag is in no registry."""


class Obstacle(NamedTuple):
    """The container's reason at the first try and at later ones, and its message for a back-off of some seconds."""

    first: str
    later: str
    message: str
    restarts: bool = False
    """Whether the container begins, so that its restarts are counted."""


def obstacle(pod: Object, objects: Objects) -> Obstacle | None:
    """The first that is in the way, None if the pod can run."""
    missing = next((image for image in images(pod) if image.endswith(MISSING_TAG)), "")
    if missing:
        return Obstacle("ErrImagePull", "ImagePullBackOff", f'Back-off pulling image "{missing}"')
    for name in _needed(pod):
        if objects.get(Key("", "ConfigMap", pod["metadata"]["namespace"], name)) is None:
            reason = "CreateContainerConfigError"
            return Obstacle(reason, reason, f'configmap "{name}" not found')
    if crashes(pod):
        message = "back-off {seconds:.0f}s restarting failed container"
        return Obstacle("CrashLoopBackOff", "CrashLoopBackOff", message, restarts=True)
    return None


def _needed(pod: Object) -> list[str]:
    """ConfigMaps that its environment variables come from."""
    whole = [one.get("configMapRef") for each in containers(pod) for one in each.get("envFrom") or []]
    single = [
        (one.get("valueFrom") or {}).get("configMapKeyRef") for each in containers(pod) for one in each.get("env") or []
    ]
    return [str(one["name"]) for one in [*whole, *single] if one]
