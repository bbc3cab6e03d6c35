"""The systemd unit starts what there is, with settings that exist, and stops it in order."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

from liftgate.cli.parser import parse
from liftgate.runtime.own_settings import PROGRAMS
from liftgate.runtime.project import project_root

UNIT = project_root() / "deployments" / "systemd" / "liftgate.service"


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    return unit["Service"]


def test_it_runs_up_and_only_up_gets_the_signal() -> None:
    program, *arguments = service()["ExecStart"].split()
    assert Path(program).name == "liftgate"
    assert parse(arguments).command == "up"
    assert service()["KillMode"] == "mixed"


def test_its_settings_exist() -> None:
    names = [pair.partition("=")[0] for pair in service()["Environment"].split()]
    assert [name for name in names if name != "HOME" and name not in PROGRAMS] == []


def test_systemd_accepts_it(tmp_path: Path) -> None:
    """Where systemd is installed; with a program and a user that exist here."""
    if not (analyze := shutil.which("systemd-analyze")):
        return
    text = UNIT.read_text().replace("/opt/liftgate/bin/liftgate", sys.executable).replace("=liftgate\n", "=root\n")
    unit = tmp_path / "liftgate.service"
    unit.write_text(text.replace("StateDirectory=root", "StateDirectory=liftgate"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, str(unit) in done.stderr) == (0, False), done.stderr
