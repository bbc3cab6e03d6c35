"""Arguments in, one answer and the right exit code out, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liftgate.cli import history
from liftgate.cli.answer import Answer
from liftgate.cli.parser import COMMANDS, command
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder, Said

Liftgate = Callable[..., Said]
SLOW = (
    *("prefect", "httpx", "cryptography", "jsonschema", "detect_secrets", "git", "pydantic", "pydantic_settings"),
    *("arrow", "regex", "requests"),
)


def imported(*arguments: str, folder: Path) -> set[str]:
    """The top-level modules a call of the command line has imported."""
    code = (
        "import sys, atexit\n"
        "from liftgate.cli.main import main\n"
        "atexit.register(lambda: print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules})))\n"
        f"sys.exit(main({list(arguments)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(project_root()), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_nothing_slow(clone: Folder) -> None:
    assert imported("--help", folder=clone.path).isdisjoint(SLOW)


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("plan", "example-app", "--to", "dev"), {"pydantic", "regex"}),
        (("history",), {"pydantic"}),
        (("report",), {"pydantic"}),
        (("manifests", "--repo-url", "https://git.example.com/shop.git"), {"pydantic"}),
        (("validate",), {"pydantic", "regex", "detect_secrets", "requests"}),
    ],
)
def test_an_offline_command_imports_only_what_it_needs(
    arguments: tuple[str, ...], needed: set[str], clone: Folder
) -> None:
    assert imported(*arguments, folder=clone.path) & set(SLOW) <= needed


def test_no_plugin_of_another_package_is_loaded(clone: Folder) -> None:
    clone.put("reader.py", b"plugin = None\n")
    clone.put("reader-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: reader\nVersion: 1.0\n")
    clone.put("reader-1.0.dist-info/entry_points.txt", b"[pydantic]\nreader = reader:plugin\n")
    assert "reader" not in imported("history", folder=clone.path)


ONE_AFTER_THE_OTHER = """
import os, sys
from liftgate.cli.main import main
sys.stdout = open(os.devnull, "w")
for name in sys.argv[1:]:
    try:
        code = main([name, "--help"])
    except SystemExit as ended:
        code = ended.code
    print(name, code or 0, "prefect" in sys.modules, file=sys.stderr)
"""
"""What one command has imported stays: the first `True` is of the one that imported Prefect."""


def test_no_command_imports_prefect(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, *COMMANDS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(project_root()), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines() == [f"{name} 0 False" for name in COMMANDS]


def test_where_git_is_not_installed_one_sentence_says_so(clone: Folder) -> None:
    names = ("status", "resume", "init", "history")
    code = f"from liftgate.cli.main import main\nfor name in {names}: print(main([name]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clone.path,
        env={"PYTHONPATH": str(project_root()), "PATH": str(clone.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["5"] * len(names)
    assert done.stderr.splitlines() == ["liftgate: git is not installed; install git 2.38 or later"] * len(names)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_documents_the_keys_of_its_answer(name: str) -> None:
    assert all(key.isidentifier() and text for key, text in command(name).KEYS.items())


def test_an_unknown_command_names_the_nearest_one(liftgate: Liftgate) -> None:
    said = liftgate("plam")
    assert said.code == 2
    assert 'did you mean "plan"?' in said.err


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["update", "shop", "--in", "dev", "--set", "/a=1", "--reason", "why\x1enot"], "reason"),
        (["update", "shop", "--in", "dev", "--unset", "/aa\x1e"], "pointer"),
        (["promote", "shop", "--to", "dev\x1e"], "to"),
        (["promote", "shop", "--to", "dev", "--release", "1.4\x1e"], "release"),
        (["rollback", "shop", "--in", "dev", "--to", "abc\x1e"], "back_to"),
        (["pause", "--reason", "why\x1e"], "reason"),
        (["approve", "abc\x1e"], "promotion"),
    ],
)
def test_a_control_character_is_refused_with_its_place(arguments: list[str], name: str, liftgate: Liftgate) -> None:
    said = liftgate(*arguments)
    assert said.code == 2
    assert f"{name}: character 4 is a control character (U+001E); write plain text" in said.err


def test_no_command_shows_what_there_is(liftgate: Liftgate) -> None:
    said = liftgate()
    assert said.code == 2
    assert "validate" in said.out


def test_the_version_is_printed(liftgate: Liftgate) -> None:
    assert liftgate("--version").out.startswith("liftgate ")


@pytest.mark.parametrize(
    ("error", "code"),
    [(Refused("no"), 3), (Unavailable("later"), 4), (Misconfigured("mend"), 5), (KeyboardInterrupt(), 130)],
)
def test_every_kind_of_error_has_its_exit_code_and_one_sentence(
    error: BaseException, code: int, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "run", raising(error))
    said = liftgate("history")
    assert said.code == code
    assert said.err == f"liftgate: {str(error) or 'interrupted'}\n"
    assert said.out == ""


def test_an_error_is_json_too(liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "run", raising(Refused("no")))
    assert liftgate("history", "--json").data == {"ok": False, "error": {"kind": "refused", "message": "no"}}


@pytest.mark.parametrize("code", [0, 1])
def test_json_is_ok_only_where_the_exit_code_is_0(
    code: int, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "run", lambda _: Answer("", {"entries": []}, code))
    assert liftgate("history", "--json").data == {"ok": code == 0, "entries": []}


def test_a_bug_is_one_line_without_what_the_exception_says(liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "run", raising(KeyError("hunter2")))
    said = liftgate("history")
    assert said.code == 70
    assert said.err.count("\n") == 1
    assert "LIFTGATE_DEBUG=1" in said.err
    assert "hunter2" not in said.err
    assert "Traceback" in liftgate("history", LIFTGATE_DEBUG="1").err


def test_a_reader_that_has_seen_enough_is_no_error(clone: Folder) -> None:
    shell = f"{sys.executable} -m liftgate.cli.main history --json --repo {clone.path} | true"
    done = subprocess.run(["sh", "-c", shell], cwd=project_root(), capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_json_is_json_and_has_the_documented_keys(clone: Folder, liftgate: Liftgate) -> None:
    calls = {
        "validate": ("--repo", str(clone.path)),
        "plan": ("example-app", "--to", "dev", "--repo", str(clone.path)),
        "history": ("--repo", str(clone.path)),
        "report": ("--repo", str(clone.path)),
        "status": ("--repo", str(clone.path)),
        "manifests": ("--repo", str(clone.path), "--repo-url", "https://git.example.com/shop.git"),
        "init": (str(clone.path.parent / "new"),),
    }
    for name, arguments in calls.items():
        data = json.loads(liftgate(name, *arguments, "--json").out)
        assert set(data) == {"ok", *command(name).KEYS}, name


def raising(error: BaseException) -> Callable[[object], None]:
    def run(_: object) -> None:
        raise error

    return run
