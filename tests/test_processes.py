"""Several processes report each test once, also where one of them dies, and each ends what its tests began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from sandbox_tests.plain import eventually

from liftgate.runtime.project import project_root

KILLED = """
import os, signal
def test_before(): pass
def test_is_killed(): os.kill(os.getpid(), signal.SIGKILL)
def test_after(): pass
"""
SHARED = """
import pathlib, time, pytest

@pytest.fixture(scope="session")
def session(process_name, tmp_path_factory):
    assert process_name in tmp_path_factory.getbasetemp().name
    yield
    pathlib.Path(__file__).with_name(f"ended-{process_name}").touch()
    if pathlib.Path(__file__).stem == "test_bad_end": raise OSError("cannot end")

@pytest.fixture(scope="module")
def module(session):
    yield
    pathlib.Path(__file__).with_suffix(".ended").touch()

def test_one(module): print("said")
def test_other(module): assert [1, 2] == [1, 3], "differ"
"""
LOGS = """
import logging, sys
logging.getLogger(__name__).addHandler(logging.StreamHandler(sys.stderr))
def test_one():
    print("of one")
    logging.getLogger(__name__).warning("said by one")
    assert False
def test_other(capfd):
    logging.getLogger(__name__).warning("said by other")
    print("of other")
    assert capfd.readouterr().out == "of other\\n"
"""
MEETS = """
import time
def test_meets(process_name, tmp_path_factory):
    shared, end = tmp_path_factory.getbasetemp().parent, time.monotonic() + 20
    (shared / f"{process_name}.here").touch()
    while len([*shared.glob("*.here")]) < 2:
        assert time.monotonic() < end, "each is alone"
        time.sleep(0.05)
"""
TAKES = """
import time
def test_takes(process_name, tmp_path_factory):
    shared, end = tmp_path_factory.getbasetemp().parent, time.monotonic() + 20
    if not [*shared.glob(f"{process_name}-*")]:
        (shared / f"{process_name}-KIND.here").touch()
    while len([*shared.glob("*.here")]) < 6:
        assert time.monotonic() < end, "too few"
        time.sleep(0.05)
    assert len([*shared.glob("*-waits.here")]) == 5, "all begin with what waits"
"""
HANGS = """
import pathlib, pytest, time

@pytest.fixture(scope="session")
def session():
    yield
    pathlib.Path(__file__).with_name("ended").touch()

def test_hangs(session):
    pathlib.Path(__file__).with_name("hangs").touch()
    time.sleep(600)
"""


def command(folder: Path, *options: str, **files: str) -> list[str]:
    for name, tests in files.items():
        (folder / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return [sys.executable, "-m", "pytest", "-q", "-p", "tests.processes", "--processes", "2", *options, str(folder)]


class Ran(NamedTuple):
    code: int
    counts: tuple[int, int, int]
    """Tests, failures and errors, as pytest's JUnit file has them."""
    said: str


def ran(folder: Path, *options: str, **files: str) -> Ran:
    done = subprocess.run(
        command(folder, f"--junitxml={folder / 'results.xml'}", *options, **files), cwd=project_root(), env=ENVIRON,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    suite = ET.parse(folder / "results.xml").getroot()[0]  # noqa: S314 - pytest made it
    tests, failures, errors = (int(suite.attrib[name]) for name in ("tests", "failures", "errors"))
    return Ran(done.returncode, (tests, failures, errors), done.stdout + done.stderr)


ENVIRON = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(project_root())}


def test_what_a_killed_process_ran_fails_and_another_goes_on(tmp_path: Path) -> None:
    code, counts, said = ran(tmp_path, test_killed=KILLED)
    assert (code, counts) == (1, (3, 1, 0)), said
    assert "process0 ended with code -9" in said


def test_the_tests_of_a_file_share_what_it_began_and_each_process_ends_its_own(tmp_path: Path) -> None:
    code, counts, said = ran(tmp_path, test_shared=SHARED, test_too=SHARED)
    assert (code, counts) == (1, (4, 2, 0)), said
    assert "assert [1, 2] == [1, 3]" in said
    assert {path.name for path in tmp_path.glob("*ended*")} >= {"test_shared.ended", "test_too.ended"}
    assert [*tmp_path.glob("ended-process*")] != []


def test_the_processes_meet_in_one_folder(tmp_path: Path) -> None:
    code, _, said = ran(tmp_path, test_meets=MEETS, test_too=MEETS)
    assert code == 0, said


def test_some_processes_begin_with_what_waits_and_the_others_with_the_rest(tmp_path: Path) -> None:
    waits = {f"tests/flows/test_{place}": TAKES.replace("KIND", "waits") for place in range(6)}
    code, counts, said = ran(tmp_path, "--processes", "6", **waits, test_rest=TAKES.replace("KIND", "rest"))
    assert (code, counts) == (0, (7, 0, 0)), said


def test_each_process_captures_what_its_tests_say_also_through_a_logger_of_before(tmp_path: Path) -> None:
    code, counts, said = ran(tmp_path, test_logs=LOGS, test_more=LOGS)
    assert (code, counts) == (1, (4, 2, 0)), said
    assert "Logging error" not in said
    assert (said.count("\nof one\n"), said.count("\nsaid by one\n")) == (2, 2), said


def test_what_cannot_end_is_an_error(tmp_path: Path) -> None:
    code, counts, said = ran(tmp_path, "-k", "test_one", test_bad_end=SHARED)
    assert (code, counts) == (1, (2, 0, 1)), said  # pytest counts its call and its end
    assert "OSError: cannot end" in said


def test_it_stops_where_pytest_would(tmp_path: Path) -> None:
    code, counts, said = ran(tmp_path, "-x", test_killed=KILLED)
    assert (code, counts) == (1, (2, 1, 0)), said
    assert "stopping after 1 failures" in said


def test_an_interrupt_ends_all_processes_and_what_they_began(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        run = subprocess.Popen(
            command(tmp_path, test_logs=LOGS, test_hangs=HANGS), cwd=project_root(), env=ENVIRON,
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        assert eventually((tmp_path / "hangs").exists, within=60), (tmp_path / "out").read_text()
        os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C does it
        assert run.wait(60) == 2, (tmp_path / "out").read_text()
    finally:
        run.kill()
    assert (tmp_path / "ended").exists()
