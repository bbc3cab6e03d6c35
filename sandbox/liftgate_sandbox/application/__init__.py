"""The application that the sandbox's environments run, and the HTTP service that shows it."""

from liftgate_sandbox.application.program import run
from liftgate_sandbox.application.service import application

__all__ = ["application", "run"]
