"""A GitHub-like forge: real bare repositories, git smart HTTP, REST, signed webhooks, pages for people."""

from __future__ import annotations

from liftgate_sandbox.forge.forge import Forge
from liftgate_sandbox.forge.model import Protection

__all__ = ["Forge", "Protection"]
