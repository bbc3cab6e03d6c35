"""Forked processes, without Prefect's server: how they end, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime import record
from liftgate.runtime.project import project_root
from tests.zygote_program import WITHOUT_PREFECT
from worker import stuck
from worker.launcher import NotWarm, WarmProcess, Zygote


@contextlib.contextmanager
def started(program: str) -> Iterator[Zygote]:
    before = dict(os.environ)
    os.environ |= {"PYTHONPATH": str(project_root()), "LIFTGATE_HOME": str(project_root())}
    made = Zygote(program)
    yield made
    made.close()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started("tests.zygote_program") as made:
        yield made


async def launched(zygote: Zygote, folder: Path, does: str) -> WarmProcess:
    return await zygote.launch(WITHOUT_PREFECT, "", folder, {"FOR_TEST": does, "PYTHONPATH": str(project_root())})


def run(zygote: Zygote, folder: Path, does: str) -> int | None:
    async def start_and_wait() -> int | None:
        return await (await launched(zygote, folder, does)).wait()

    return asyncio.run(start_and_wait())


def processes(folder: Path) -> list[int]:
    """Keeper, flow and the flow's own child."""
    note = folder / "note"
    assert eventually(note.exists, within=60.0)
    return [int(number) for number in note.read_text().split()[:3]]


def are_gone(pids: list[int]) -> bool:
    return eventually(lambda: not any(record.born(pid) for pid in pids), within=20.0)


@pytest.mark.parametrize(("does", "code"), [("0", 0), ("7", 7), ("raise", 1)])
def test_the_exit_code_is_that_of_the_program(zygote: Zygote, tmp_path: Path, does: str, code: int) -> None:
    assert run(zygote, tmp_path, does) == code


def test_a_process_in_which_nothing_goes_on_any_more_ends_and_says_where_it_waited(
    zygote: Zygote, tmp_path: Path
) -> None:
    """Its heartbeats go on, so no other worker takes the run from it."""
    assert run(zygote, tmp_path, "wait for ever") == stuck.STUCK
    assert are_gone(processes(tmp_path))
    said = (tmp_path / "said").read_text()
    assert "nothing went on" in said
    assert "tests/worker/program.py" in said


def test_a_process_that_waits_for_one_that_works_goes_on(zygote: Zygote, tmp_path: Path) -> None:
    assert run(zygote, tmp_path, "wait for one that works") == 0


def test_each_process_is_watched(zygote: Zygote, tmp_path: Path) -> None:
    run(zygote, tmp_path, "names its threads")
    assert stuck.NAME in (tmp_path / "note").read_text().split()


def test_without_file_descriptors_prefect_does_not_wait_for_an_event_loop_that_did_not_start(
    zygote: Zygote, tmp_path: Path
) -> None:
    assert run(zygote, tmp_path, "no file descriptor") == stuck.STUCK


@pytest.mark.parametrize(
    ("asked", "code"), [("no file descriptor", stuck.STUCK), ("wait for ever", stuck.STUCK), ("raise", 1)]
)
def test_a_process_that_must_end_does_so_where_nothing_can_be_written(
    zygote: Zygote, tmp_path: Path, asked: str, code: int
) -> None:
    assert run(zygote, tmp_path, f"{asked}, full disk") == code
    assert are_gone(processes(tmp_path))


def test_folder_and_environment_are_those_asked_for(zygote: Zygote, tmp_path: Path) -> None:
    run(zygote, tmp_path, "0")
    assert (tmp_path / "note").read_text().split(maxsplit=3)[3] == f"{tmp_path} no home"


def test_what_the_flow_left_running_ends_with_it(zygote: Zygote, tmp_path: Path) -> None:
    run(zygote, tmp_path, "0")
    assert are_gone(processes(tmp_path))


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_keeper_or_flow_is_reported_as_killed(zygote: Zygote, tmp_path: Path, victim: int) -> None:
    async def start_and_kill() -> int | None:
        process = await launched(zygote, tmp_path, "sleep")
        os.kill((await asyncio.to_thread(processes, tmp_path))[victim], signal.SIGKILL)
        return await process.wait()

    assert asyncio.run(start_and_kill()) == -signal.SIGKILL
    *both, child = processes(tmp_path)
    assert are_gone(both)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)  # a killed keeper could not end what the flow had started


def test_a_wait_that_is_given_up_ends_the_flow_and_its_child(zygote: Zygote, tmp_path: Path) -> None:
    async def start_and_give_up() -> None:
        process = await launched(zygote, tmp_path, "sleep")
        await asyncio.to_thread(processes, tmp_path)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)

    asyncio.run(start_and_give_up())
    assert are_gone(processes(tmp_path))


def test_a_killed_run_ends_with_its_child(zygote: Zygote, tmp_path: Path) -> None:
    async def start_and_kill() -> int:
        process = await launched(zygote, tmp_path, "sleep")
        await asyncio.to_thread(processes, tmp_path)
        process.kill()
        return await process.wait()

    assert asyncio.run(start_and_kill()) == -signal.SIGKILL
    assert are_gone(processes(tmp_path))


def test_without_its_zygote_a_run_is_refused_and_the_next_one_finds_a_new_zygote(tmp_path: Path) -> None:
    with started("tests.worker.bare_zygote") as zygote:
        os.kill(zygote.pid, signal.SIGKILL)
        os.waitid(os.P_PID, zygote.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(NotWarm):
            run(zygote, tmp_path, "0")
        assert run(zygote, tmp_path, "0") == 0
