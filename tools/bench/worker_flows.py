"""Flows that do nothing, to measure the time to start them."""

from __future__ import annotations

from prefect import flow, suspend_flow_run, task
from prefect.input import RunInput


class Go(RunInput):
    approved: bool


@task
def nothing() -> None:
    return None


@flow(name="bench-subflow")
def subflow() -> None:
    nothing()


@flow(name="bench")
def bench() -> None:
    """A subflow with one task, a gate, and the subflow again."""
    subflow()
    suspend_flow_run(wait_for_input=Go, key="go", timeout=600)
    subflow()
