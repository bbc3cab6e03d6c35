"""A Slack workspace with one app: the Web API, signed interactivity, and the page a person would see."""

from __future__ import annotations

from liftgate_sandbox.slack.hands import Answer
from liftgate_sandbox.slack.workspace import Slack

__all__ = ["Answer", "Slack"]
