"""Setting up a checkout on machines of all kinds; the packages are tiny wheels made here."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from tools.checkout.environment import Environment
from tools.checkout.step import NotPossible, runs

REAL = Path(sys.executable).resolve()


def wheel(folder: Path, name: str) -> str:
    """A line of a lock file for a package that holds one empty module."""
    path = folder / f"{name}-1-py3-none-any.whl"
    info = f"{name}-1.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name} @ {path.as_uri()} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text(wheel(tmp_path, "forruntime"))
    (tmp_path / "requirements-dev.lock").write_text(wheel(tmp_path, "fortests"))
    return tmp_path


@pytest.fixture
def environment(checkout: Path) -> Environment:
    return Environment(checkout / ".venv", checkout)


@pytest.fixture(autouse=True)
def with_uv(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The uv of the packages of development; it makes an environment in a twentieth of the time of venv and pip."""
    programs = tmp_path_factory.mktemp("uv")
    (programs / "uv").symlink_to(find_uv_bin())
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


@pytest.fixture
def without_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git is the only program on the PATH."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))


def python_that_fails_at(folder: Path, monkeypatch: pytest.MonkeyPatch, *refused: str, python: Path = REAL) -> None:
    """The Python now fails when one of these texts stands in its arguments."""
    wrapper = folder / "python"
    cases = "".join(f'*"{text}"*) exit 1;;\n' for text in refused)
    wrapper.write_text(f'#!/bin/sh\ncase "$*" in\n*--without-pip*) ;;\n{cases}esac\nexec {python} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(wrapper))


def has(environment: Environment, module: str) -> bool:
    return runs(environment.python, "-c", f"import {module}")


def test_the_runtime_has_no_test_tools(environment: Environment) -> None:
    environment.prepared(development=False)
    assert has(environment, "forruntime")
    assert not has(environment, "fortests")


def test_development_has_both_and_serves_as_runtime(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.prepared(development=True)
    assert has(environment, "forruntime")
    assert has(environment, "fortests")
    capsys.readouterr()
    environment.prepared(development=False)
    assert capsys.readouterr().out == ""


def test_its_programs_import_the_checkout_from_any_folder(environment: Environment, checkout: Path) -> None:
    (checkout / "ofthecheckout.py").touch()
    environment.prepared(development=False)
    assert has(environment, "ofthecheckout")


def test_the_second_call_says_and_does_nothing(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.prepared(development=False)
    assert "installing requirements.lock" in capsys.readouterr().out
    environment.prepared(development=False)
    assert capsys.readouterr().out == ""


def test_output_that_is_no_terminal_gets_no_control_characters(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.prepared(development=False)
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_a_changed_lock_is_installed(environment: Environment, checkout: Path) -> None:
    environment.prepared(development=False)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write(wheel(checkout, "another"))
    environment.prepared(development=False)
    assert has(environment, "another")


def test_an_interrupted_set_up_is_repaired(environment: Environment) -> None:
    environment.folder.mkdir()
    (environment.folder / "bin").mkdir()
    environment.python.symlink_to("/nowhere/python")
    environment.prepared(development=False)
    assert has(environment, "forruntime")


@pytest.mark.usefixtures("without_uv")
def test_without_uv_venv_and_pip_do_whatever_bends_the_callers_python(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.devnull)
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    environment.prepared(development=False)
    assert has(environment, "forruntime")
    assert has(environment, "pip")


@pytest.mark.long
@pytest.mark.usefixtures("without_uv")
def test_without_ensurepip_the_systems_pip_does(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian with python3-pip and without python3-venv."""
    assert runs(REAL, "-m", "venv", tmp_path / "system")
    python_that_fails_at(tmp_path, monkeypatch, "-m venv", "import ensurepip", python=tmp_path / "system/bin/python")
    environment.prepared(development=False)
    assert has(environment, "forruntime")
    assert not has(environment, "pip")


@pytest.mark.usefixtures("without_uv")
@pytest.mark.parametrize("lacks", [("import venv",), ("-m venv", "import ensurepip", "-m pip")])
def test_the_missing_package_is_named_before_anything_begins(
    lacks: tuple[str, ...],
    environment: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    python_that_fails_at(tmp_path, monkeypatch, *lacks)
    with pytest.raises(NotPossible, match="install the package python3-venv"):
        environment.prepared(development=False)
    assert capsys.readouterr().out == ""
    assert not environment.folder.exists()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("git version 2.30.1", "2.38 or newer; this is git version 2.30.1"), ("", "not installed")],
)
def test_a_missing_or_old_git_is_named(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, sentence: str
) -> None:
    if version:
        (tmp_path / "git").write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    with pytest.raises(NotPossible, match=sentence):
        environment.prepared(development=False)


def test_a_failed_installation_shows_why_and_is_tried_again(environment: Environment, checkout: Path) -> None:
    lock = checkout / "requirements.lock"
    good = lock.read_text()
    lock.write_text(good.replace("sha256:", "sha256:0")[: -len("0\n")] + "\n")
    with pytest.raises(NotPossible, match=r"installing requirements.lock failed:"):
        environment.prepared(development=False)
    lock.write_text(good)
    environment.prepared(development=False)
    assert has(environment, "forruntime")


def test_a_pythonpath_of_the_callers_does_not_matter(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.devnull)
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    environment.prepared(development=False)
    assert environment.python.exists()
