"""The option `--processes`: all tests are collected once; then each process is a fork that runs those of one file after
the other, and reports to the first one, which only gives out work and shows what it hears.

A library would start each process anew, and each would import and collect everything again.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from tempfile import TemporaryFile
from typing import Any, Final

import pytest
from _pytest.capture import FDCapture

from tests.scheduling import WITH_THE_FIRST, is_first, unit

NAME = pytest.StashKey[str]()
_FORK: Final = get_context("fork")
_ENDS_WITHIN: Final = 60.0
"""Seconds that a process may take to end what its fixtures started, when no more is wanted of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=1, help="how many processes run the tests")


@pytest.fixture(scope="session")
def process_name(request: pytest.FixtureRequest) -> str:
    """Of the process that runs the test; empty where there is only one."""
    return request.config.stash.get(NAME, "")


@pytest.hookimpl
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    options = session.config.option
    if options.processes < 2 or options.collectonly or session.testsfailed:
        return None  # pytest does it
    _First(session).run(options.processes)
    return True


@dataclass
class _Process:
    handle: ForkProcess
    link: Connection
    units: Sequence[deque[deque[int]]]
    """Where it takes its tests from, in this order."""
    left: deque[int] = field(default_factory=deque)
    """The tests of its unit that have not ended; it runs the first one."""
    last: int = 0


class _First:
    """The process that collected."""

    def __init__(self, session: pytest.Session) -> None:
        self._session, self._config = session, session.config
        self._items = session.items
        by_unit = groupby(range(len(self._items)), lambda place: unit(self._items[place].nodeid))
        self._first, self._others = deque[deque[int]](), deque[deque[int]]()
        for name, places in by_unit:
            (self._first if is_first(name) else self._others).append(deque(places))
        self._processes: dict[Connection, _Process] = {}
        self._named = 0

    def run(self, number: int) -> None:
        """Raises what pytest raises when it stops early."""
        _folders(self._config).getbasetemp()  # those of the processes are in it
        if threads := [each.name for each in threading.enumerate() if each is not threading.main_thread()]:
            raise pytest.UsageError(f"a fork would lack what was started while tests were collected: {threads}")
        try:
            for _ in range(min(number, len(self._first) + len(self._others))):
                self._begin()
            while self._processes:
                for link in wait([*self._processes]):
                    self._hear(self._processes[link])  # type: ignore[index]  # what was given
                    if self._session.shouldfail:
                        raise self._session.Failed(self._session.shouldfail)
                    if self._session.shouldstop:
                        raise self._session.Interrupted(self._session.shouldstop)
        finally:
            self._end()

    def _begin(self) -> None:
        ours, theirs = _FORK.Pipe()
        name = f"process{self._named}"
        units = (self._first, self._others) if self._named < WITH_THE_FIRST else (self._others, self._first)
        self._named += 1
        handle = _FORK.Process(target=_serve, args=(self._session, theirs, [ours, *self._processes], name), name=name)
        handle.start()
        theirs.close()
        self._processes[ours] = _Process(handle, ours, units)

    def _hear(self, process: _Process) -> None:
        heard: tuple[str, Any] = _received(process.link) or ("gone", None)
        what, given = heard
        if what == "gone":
            self._is_gone(process)
        elif what == "next":
            process.left = next((units.popleft() for units in process.units if units), deque())
            with suppress(OSError):  # it is gone: the next one hears that
                process.link.send([*process.left])
        elif what == "ended":
            process.last = process.left.popleft()
            item = self._items[process.last]
            self._config.hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        elif what == "report":
            report = self._config.hook.pytest_report_from_serializable(config=self._config, data=given)
            self._config.hook.pytest_runtest_logreport(report=report)
        else:
            self._config.hook.pytest_warning_recorded.call_historic(kwargs=given)

    def _is_gone(self, process: _Process) -> None:
        """What it ran has failed, if it did not end as it should; another process goes on with what it left."""
        del self._processes[process.link]
        process.link.close()
        process.handle.join()
        if not process.left and process.handle.exitcode == 0:
            return
        item = self._items[process.left.popleft() if process.left else process.last]
        said = f"{process.handle.name} ended with code {process.handle.exitcode}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", said, "call")
        self._config.hook.pytest_runtest_logreport(report=report)
        if process.left:
            process.units[0].appendleft(process.left)
        if self._first or self._others:
            self._begin()

    def _end(self) -> None:
        for process in self._processes.values():
            process.link.close()
        for process in self._processes.values():
            process.handle.join(_ENDS_WITHIN)
            process.handle.terminate()


class _Reporter:
    """Of a process: sends what it is told to the first one. It takes the place of the one that prints."""

    def __init__(self, config: pytest.Config, link: Connection) -> None:
        self._config, self._link = config, link
        self._tw = config.get_terminal_writer()  # pytest asks it how to color a comparison
        self.is_heard = True

    def send(self, what: str, given: object = None) -> None:
        try:
            self._link.send((what, given))
        except OSError:
            self.is_heard = False

    def next(self) -> Sequence[int]:
        """Places of the tests of a unit; none when all is given out."""
        self.send("next")
        return _received(self._link) or ()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.send("report", self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        told = warning_message
        plain = warnings.WarningMessage(str(told.message), told.category, told.filename, told.lineno)
        self.send("warning", {"warning_message": plain, "when": when, "nodeid": nodeid, "location": None})


def _received(link: Connection) -> Any:
    """None when the other process is gone."""
    with suppress(EOFError, OSError):
        return link.recv()
    return None


def _serve(session: pytest.Session, link: Connection, others: Sequence[Connection], name: str) -> None:
    """A process: until there is no more work, or the first one is gone."""
    for other in others:
        other.close()
    config = session.config
    reporter = _Reporter(config, link)
    _prepare(config, reporter, name)
    item = session.items[0]
    try:
        while reporter.is_heard and (places := reporter.next()):
            for place, then in zip(places, [*places[1:], None], strict=True):
                item = session.items[place]
                # a node that has all files below it: what belongs to this file ends, what belongs to the process stays
                following: Any = session if then is None else session.items[then]
                config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                reporter.send("ended")
                if not reporter.is_heard:
                    break
    except KeyboardInterrupt:
        pass  # the first one says so
    end = pytest.CallInfo.from_call(lambda: session._setupstate.teardown_exact(None), "teardown")
    if end.excinfo:
        report = pytest.TestReport.from_item_and_call(item, end)
        config.hook.pytest_runtest_logreport(report=report)
    os._exit(0)  # a thread that a test left does not hold it up


def _prepare(config: pytest.Config, reporter: _Reporter, name: str) -> None:
    config.stash[NAME] = name
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(reporter, "terminalreporter")
    _capture_into_own_files(config.pluginmanager.getplugin("capturemanager")._global_capturing)
    folders = _folders(config)
    folders._basetemp = folders.getbasetemp() / name
    folders._basetemp.mkdir()


def _folders(config: pytest.Config) -> Any:
    """What fixtures get as `tmp_path_factory`."""
    return config._tmp_path_factory  # type: ignore[attr-defined]  # pytest has no other way to it


def _capture_into_own_files(capturing: Any) -> None:
    """The same Python files, which loggers hold that were made while the tests were collected, and other ones below."""
    for captured in (capturing.out, capturing.err):
        if isinstance(captured, FDCapture):
            with TemporaryFile() as own:
                os.dup2(own.fileno(), captured.tmpfile.fileno())
