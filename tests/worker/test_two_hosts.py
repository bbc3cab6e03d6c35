"""Two hosts, one Prefect server: what one of them was doing when it was lost goes on at the other, once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime import own_settings, record
from liftgate.runtime.supervisor import Supervisor
from liftgate.services.notes import Notes
from liftgate.settings import from_variables
from tests.flows.conftest import opened
from tests.flows.faults import fault, heal
from tests.flows.test_kills import check_once, is_doing, swept_by
from tests.lab import Lab
from tests.prefect_server import PrefectApi
from tests.worker.conftest import workers
from tests.worker.test_dead_runs import at_once
from tests.worker.test_pool import zygote_of
from tests.worker_program import lend

pytestmark = pytest.mark.prefect

GOES_ON_WITHIN = 90.0
"""Seconds from the loss of a host to the end of the promotion; the rule itself needs less than forty."""


@dataclass
class Hosts:
    """Two workers with a home each; neither sees what the other keeps on its disk."""

    lab: Lab
    both: list[Supervisor]

    def start(self) -> str:
        return self.lab.start("promote", application="example-app", to="dev")

    def of(self, run: str) -> int:
        """The process of the worker that the run names."""
        holder = Notes(self.lab.prefect.runs, run).holder()
        assert holder is not None
        processes = [host.pid("worker") for host in self.both]
        (found,) = [pid for pid in processes if holder.worker in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]
        return found

    def goes_on(self, run: str) -> None:
        assert eventually(lambda: self.lab.prefect.read(run)["state"]["name"] == "Promoted", within=GOES_ON_WITHIN)
        check_once(self.lab, run, "promoted")


@pytest.fixture
def hosts(prefect_api: PrefectApi, tmp_path: Path) -> Iterator[Hosts]:
    pool = f"hosts{uuid4().hex[:6]}"
    with ExitStack() as stack:
        start = stack.enter_context(workers(prefect_api, pool, tmp_path))
        both = [start(), start()]
        prefect = replace(prefect_api, pool=pool, worker=both[0].folder)
        lab = stack.enter_context(opened(tmp_path / "lab", prefect))
        lend(both[1].folder, own_settings.own("worker", from_variables(lab.variables)))
        stack.enter_context(swept_by(lab))
        yield Hosts(lab, both)


@contextmanager
def while_it_syncs(hosts: Hosts) -> Iterator[tuple[str, int]]:
    """The run and the process of its worker, while Argo CD does nothing."""
    fault(hosts.lab, "argocd", "controller-down")
    run = hosts.start()
    assert eventually(lambda: is_doing(hosts.lab, run, "sync"), within=90)
    yield run, hosts.of(run)
    heal(hosts.lab)


def test_a_promotion_goes_on_when_its_host_is_lost_for_good_after_its_commit(hosts: Hosts) -> None:
    with while_it_syncs(hosts) as (run, worker):
        for pid in at_once(worker, signal.SIGSTOP):
            os.kill(pid, signal.SIGKILL)
    hosts.goes_on(run)


@pytest.mark.long
def test_a_run_that_waits_for_its_process_goes_on_when_its_host_is_lost_for_good(hosts: Hosts) -> None:
    stopped = [zygote_of(host.pid("worker")) for host in hosts.both]
    for zygote in stopped:
        os.kill(zygote, signal.SIGSTOP)
    run = hosts.start()
    hosts.lab.prefect.wait_for(run, "Pending")
    assert eventually(lambda: Notes(hosts.lab.prefect.runs, run).holder() is not None)
    worker = hosts.of(run)
    for pid in at_once(worker, signal.SIGSTOP):
        os.kill(pid, signal.SIGKILL)
    for zygote in stopped:
        if record.born(zygote):
            os.kill(zygote, signal.SIGCONT)
    hosts.goes_on(run)


@pytest.mark.long
def test_a_host_that_comes_back_ends_what_was_taken_from_it(hosts: Hosts) -> None:
    """As after a long pause of a virtual machine: everything there goes on where it was."""
    with while_it_syncs(hosts) as (run, worker):
        frozen = at_once(worker, signal.SIGSTOP)
    flow = int(str(hosts.lab.prefect.read(run)["infrastructure_pid"]).rpartition(":")[2])
    assert flow in frozen
    hosts.goes_on(run)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    assert eventually(lambda: not record.born(flow), within=GOES_ON_WITHIN)
    logs = [(host.folder / "worker.log").read_text() for host in hosts.both]
    assert any(f"the run {run} was given to another worker" in log for log in logs)
    assert hosts.lab.prefect.read(run)["state"]["name"] == "Promoted"
    check_once(hosts.lab, run, "promoted")
