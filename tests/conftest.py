"""Fixtures for everybody."""

from __future__ import annotations

from tests.prefect_server import prefect_api

__all__ = ["prefect_api"]
