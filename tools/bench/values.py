"""Time to read, plan and check values, compared with `json.loads` of the same bytes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.planning import plan as plans
from liftgate.domain.planning.plan import Ownership, Plan, Target
from liftgate.domain.planning.release import Release, fix, fix_file
from liftgate.domain.planning.rules import VERSION, Rules
from liftgate.runtime.project import project_root
from liftgate.steps import config_validation
from liftgate.steps.context import Context
from tools.bench.timing import Row, milliseconds, table

SIZE = 200_000
FILES = 1500


def document(size: int, version: str) -> dict[str, Any]:
    """Values of about `size` bytes, always the same for the same size."""
    made: dict[str, Any] = {}
    dice = random.Random(size)
    while len(made) * 137 < size:
        limits = {"cpu": f"{dice.randint(1, 900)}m", "replicas": dice.randint(1, 9)}
        made[f"service-{len(made)}"] = {"enabled": dice.random() < 0.5, "limits": limits}
    environment = {"name": "staging", "configs": {"cache": {"ttl": 600}}}
    return {"application": {"name": "shop", "version": version, "services": made, "environment": environment}}


def text(values: dict[str, Any]) -> bytes:
    return json.dumps(values, indent=2).encode()


def report() -> str:
    """The section as Markdown."""
    data, rules = text(document(SIZE, "1.4.1")), Rules()
    release = fix("shop", "a" * 40, [fix_file("", "base.json", document(SIZE, "1.4.2"), rules)], VERSION)
    floor = milliseconds(lambda: json.loads(data))
    made = _plan(release, data, rules)
    measured = {
        "`json.loads` (the floor)": floor,
        "strict read": milliseconds(lambda: strict_json.read_json(data, name="v")),
        "plan": milliseconds(lambda: _plan(release, data, rules)),
        "apply the plan to the text": milliseconds(lambda: plans.apply_plan(made.files[0], data, "b")),
        "all validation steps": milliseconds(lambda: _check(data, rules)),
        "validation and plan": milliseconds(lambda: _both(release, data, rules)),
        f"validation of {FILES} files of 1.5 kB": milliseconds(lambda: _many(rules), 1),
        "`liftgate plan`, cold, a process": _cold(["plan", "example-app", "--to", "dev"]),
        "`liftgate --help`, cold, a process": _cold(["--help"]),
        "`python -c pass` (the floor of a process)": _process([sys.executable, "-c", "pass"], Path("/")),
    }
    rows: list[Row] = [(name, f"{ms:,.1f}", f"{ms / floor:,.1f}") for name, ms in measured.items()]
    return f"A values file of {len(data) // 1000} kB:\n\n" + table(("what", "ms", "times the floor"), rows)


def _plan(release: Release, data: bytes, rules: Rules) -> Plan:
    target = Target(environment="staging", path="v.json", blob="b", data=data)
    owners = Ownership(rules)
    return plans.make_plan(release, base=None, targets=[target], owners=lambda _: owners, policy_hash="p")


def _check(data: bytes, rules: Rules) -> None:
    context = Context(application="shop", environment="staging", path="v.json", data=data, rules=rules)
    verdict = config_validation.run(context)
    if verdict.failed:
        raise SystemExit(f"the benchmark's own values are invalid: {verdict.findings[:3]}")


def _both(release: Release, data: bytes, rules: Rules) -> None:
    _check(data, rules)
    _plan(release, data, rules)


def _many(rules: Rules) -> None:
    small = text(document(1_200, "1.4.1"))
    for _ in range(FILES):
        _check(small, rules)


def _cold(arguments: list[str]) -> float:
    """The command line in a repository that `liftgate init` created, with a commit."""
    command = [sys.executable, "-m", "liftgate.cli.main"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "config"
        _run([*command, "init", str(place)], Path(folder))
        for words in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "x"],
        ):
            _run(["git", *words], place)
        return _process([*command, *arguments], place)


def _process(command: list[str], place: Path) -> float:
    return milliseconds(lambda: _run(command, place), 5)


def _run(command: list[str], place: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(project_root()), "HOME": "/nonexistent"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
