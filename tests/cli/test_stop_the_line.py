"""`liftgate stop-the-line`: from a clone, with the user's own right to push."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Folder, Said, git

Line = Callable[..., Said]


@pytest.fixture
def line(clone: Folder, tmp_path: Path, liftgate: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> Line:
    """In a clone whose origin is a bare repository; Ada is who git says she is."""
    git(clone.path, "clone", "-q", "--bare", ".", str(tmp_path / "origin.git"))
    git(clone.path, "remote", "add", "origin", str(tmp_path / "origin.git"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    return lambda *arguments: liftgate("stop-the-line", "--repo", str(clone.path), *arguments)


def branches(tmp_path: Path) -> list[str]:
    return git(tmp_path / "origin.git", "for-each-ref", "--format=%(refname:short)", "refs/heads/liftgate").split()


def test_it_stops_everything_and_lets_it_go_on(line: Line, tmp_path: Path) -> None:
    stopped = line("--reason", "the database is down", "--json")
    (stop,) = stopped.data["stops"]
    assert (stop["environment"], stop["reason"], stop["by"]) == ("", "the database is down", "Ada")
    assert stopped.data["changed"] is True
    assert branches(tmp_path) == ["liftgate/stop-all"]
    assert "the line is stopped (everywhere) by Ada" in line().out
    assert line("--go-on").out.strip() == "nothing is stopped"
    assert branches(tmp_path) == []


def test_it_stops_one_environment(line: Line, tmp_path: Path) -> None:
    assert line("prod", "--reason", "freeze of the auditors").code == 0
    assert branches(tmp_path) == ["liftgate/stop/prod"]
    assert line("--go-on", "--json").data["changed"] is False, "the one for everything was never there"
    assert branches(tmp_path) == ["liftgate/stop/prod"]


def test_twice_is_harmless(line: Line, tmp_path: Path) -> None:
    assert line("--reason", "first").code == line("--reason", "second").code == 0
    assert "first" in line().out
    assert line("--go-on").code == line("--go-on").code == 0


def test_the_status_says_so(line: Line, clone: Folder, liftgate: Callable[..., Said]) -> None:
    line("prod", "--reason", "freeze of the auditors")
    said = liftgate("status", "--repo", str(clone.path))
    assert "the line is stopped (prod) by Ada" in said.out


def test_an_unknown_environment_names_the_nearest(line: Line) -> None:
    said = line("prd", "--reason", "x")
    assert (said.code, 'did you mean "prod"?' in said.err) == (3, True)


def test_without_an_origin_it_says_so(clone: Folder, liftgate: Callable[..., Said]) -> None:
    said = liftgate("stop-the-line", "--repo", str(clone.path), "--reason", "x")
    assert (said.code, said.err.count("\n")) == (3, 1)
    assert "no origin" in said.err
