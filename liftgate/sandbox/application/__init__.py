"""The application that the sandbox's environments run, and the HTTP service that shows it."""

from liftgate.sandbox.application.program import run
from liftgate.sandbox.application.service import application

__all__ = ["application", "run"]
