"""Debian's own Prometheus for a marked run: from the path, else unpacked from its package into the test's folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from liftgate.runtime.ports import free_port
from tests.plain import http
from tests.prefect_server import eventually


def binary(folder: Path) -> str:
    """Where it is; skips the test where there is none to be had."""
    if found := shutil.which("prometheus"):
        return found
    folder.mkdir()
    fetched = shutil.which("apt-get") and subprocess.run(
        ["apt-get", "download", "-q", "prometheus"], cwd=folder, capture_output=True, check=False
    )
    packages = list(folder.glob("prometheus_*.deb"))
    if not fetched or not packages:
        pytest.skip("no prometheus: install Debian's package")
    subprocess.run(["dpkg", "-x", str(packages[0]), str(folder)], check=True)
    return str(folder / "usr" / "bin" / "prometheus")


def promtool(folder: Path) -> str:
    """The checker that comes with the server started in this folder."""
    return shutil.which("promtool") or str(folder / "package" / "usr" / "bin" / "promtool")


@contextmanager
def prometheus(folder: Path, target: str, rules: Path | None = None) -> Iterator[str]:
    """The address of one that scrapes the target (host:port) every second, with one good scrape behind it."""
    folder.mkdir(exist_ok=True)
    program = binary(folder / "package")
    config, port = folder / "prometheus.yml", free_port()
    config.write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: [{rules or ''}]\n"
        f"scrape_configs: [{{job_name: app, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    options.append(f"--web.listen-address=127.0.0.1:{port}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *options], stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            assert eventually(lambda: _has_scraped(url), within=30), (folder / "log").read_text()
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _has_scraped(url: str) -> bool:
    try:
        answer = http.get(f"{url}/api/v1/query", params={"query": "up == 1"})
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and bool(answer.json()["data"]["result"])
