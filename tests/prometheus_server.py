"""Debian's own Prometheus and Alertmanager, and their checkers; a test is skipped where they are not installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from sandbox_tests.plain import eventually, http

from liftgate.runtime.ports import free_port

PACKAGES: Final = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
"""Each program's package."""
STEP: Final = 15
"""Seconds between two samples in virtual time."""


def program(name: str) -> str:
    """Where it is; skips the test where it is not."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"there is no {name} here: install Debian's package {PACKAGES[name]}")
    return found


def run(name: str, *arguments: str | Path) -> None:
    """Run a checker; fails with what it says."""
    done = subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def held(*values: tuple[float | None, int]) -> str:
    """A series in virtual time: each value and how many seconds it holds; None is a scrape that failed."""
    counted = ((value, seconds // STEP) for value, seconds in values)
    return " ".join(f"_x{steps}" if value is None else f"{value}x{steps - 1}" for value, steps in counted)


Case = tuple[Mapping[str, str], Mapping[int, set[str]]]
"""The values of each series, and which alerts fire at which second of virtual time."""


def fires(folder: Path, rules: Any, *cases: Case) -> None:
    """Assert it by `promtool test rules`."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    tests = [_test(*case) | {"name": f"case {number}"} for number, case in enumerate(cases, 1)]
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": f"{STEP}s", "tests": tests}
    (folder / "test.yaml").write_text(yaml.safe_dump(document))
    run("promtool", "test", "rules", folder / "test.yaml")


def _test(series: Mapping[str, str], expected: Mapping[int, set[str]]) -> dict[str, Any]:
    firing = [
        {
            "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
            "eval_time": f"{second}s",
            "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)],
        }
        for second, names in expected.items()
    ]
    given = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": f"{STEP}s", "input_series": given, "promql_expr_test": firing}


@contextmanager
def prometheus(folder: Path, target: str, rules: Path | None = None, alertmanager: str = "") -> Iterator[str]:
    """The address of one that scrapes the target (host:port) every second, with one good scrape behind it."""
    folder.mkdir(exist_ok=True)
    told = [{"static_configs": [{"targets": [httpx.URL(alertmanager).netloc.decode()]}]}] if alertmanager else []
    settings = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)] if rules else [],
        "scrape_configs": [{"job_name": "app", "static_configs": [{"targets": [target]}]}],
        "alerting": {"alertmanagers": told},
    }
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(settings))
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    with _server("prometheus", folder, options, _has_scraped) as url:
        yield url


@contextmanager
def alertmanager(folder: Path, settings: Any) -> Iterator[str]:
    """The address of one with these settings, alone: without a cluster."""
    folder.mkdir(exist_ok=True)
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(settings))
    options = [f"--config.file={config}", f"--storage.path={folder / 'data'}", "--cluster.listen-address="]
    with _server("prometheus-alertmanager", folder, options, _is_ready) as url:
        yield url


@contextmanager
def _server(name: str, folder: Path, options: list[str], is_up: Callable[[str], bool]) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    command = [program(name), *options, f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://{address}"
            assert eventually(lambda: is_up(url), within=30), (folder / "log").read_text()
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _has_scraped(url: str) -> bool:
    return bool(query(url, "up == 1"))


def query(url: str, expression: str) -> list[Any]:
    """The samples of an instant query; none while the server does not answer."""
    try:
        answer = http.get(f"{url}/api/v1/query", params={"query": expression})
    except httpx.TransportError:
        return []
    return list(answer.json()["data"]["result"]) if answer.status_code == 200 else []


def _is_ready(url: str) -> bool:
    try:
        return http.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
