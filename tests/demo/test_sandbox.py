"""The sandbox is a distribution of its own: the demo says so where it is missing, and the wheel has nothing of it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from liftgate.demo.sandbox import Sandbox
from liftgate.runtime.project import project_root

WITHOUT = """
import sys
sys.path = [each for each in sys.path if not each.endswith("/sandbox")]
from liftgate.cli.main import main
sys.exit(main(["demo", "--yes", "--exit"]))
"""


def test_without_it_the_demo_says_how_to_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=project_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert "the demo needs the sandbox, which is a separate package: run ./dev demo" in done.stderr


def test_with_it_the_process_imports_the_same_one(tmp_path: Path) -> None:
    (program,) = Sandbox(tmp_path, {}).programs()
    where = [sys.executable, "-c", "import liftgate_sandbox; print(liftgate_sandbox.__file__)"]
    done = subprocess.run(where, env=dict(program.environment), capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == project_root() / "sandbox/liftgate_sandbox/__init__.py"


@pytest.mark.parametrize(("folder", "is_there"), [(".", False), ("sandbox", True)])
def test_each_wheel_has_its_own_packages(folder: str, is_there: bool, tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    place = project_root() / folder
    done = subprocess.run(
        [str(uv), "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("liftgate_sandbox/") for name in names) is is_there
    assert any(name.startswith("liftgate/") for name in names) is not is_there
