"""What the commands of containers come to, as far as `sleep`, `false` and `exit` go."""

from __future__ import annotations

import re
from typing import NamedTuple

from liftgate_sandbox.argocd.kube import Object, containers


class Command(NamedTuple):
    """How long it takes, and whether it fails then."""

    seconds: float
    fails: bool


def command_of(obj: Object) -> Command:
    """Of a workload or pod: all its containers' commands, as one."""
    words = [str(word) for one in containers(obj) for word in [*(one.get("command") or []), *(one.get("args") or [])]]
    text = " ".join(words)
    seconds = sum(float(found) for found in re.findall(r"\bsleep (\d+(?:\.\d+)?)", text))
    return Command(seconds, bool(re.search(r"\bexit [1-9]|(^|/|\s)false\b", text)))


def crashes(pod: Object) -> bool:
    """Whether its containers end at once, and are started again and again."""
    return pod["spec"].get("restartPolicy", "Always") == "Always" and command_of(pod).fails
