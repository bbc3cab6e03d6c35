"""The world of the use cases: a repository, a forge and a Prefect server that is only a store."""

from tests.gatehouse.conftest import world

__all__ = ["world"]
