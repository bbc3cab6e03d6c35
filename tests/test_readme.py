"""README, "Your own repository", as it is written: in an empty folder, against the sandbox's forge and Argo CD.

Only what a person fills in is filled in: addresses, tokens and ports.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.town import BOT, Town, token_of
from sandbox_tests.plain import NO_CERTIFICATES, eventually

from liftgate.domain.common.installation import DEFAULT
from liftgate.runtime.environment import scrubbed
from liftgate.runtime.ports import LOOPBACK, free_port
from liftgate.runtime.project import project_root
from tests.prefect_server import PrefectApi

pytestmark = pytest.mark.prefect
WITHIN = 300.0
LIFTGATE = f"""#!/bin/sh
exec "{project_root()}/dev" liftgate "$@"
"""
"""What the alias of the README does, for scripts too."""
KUBECTL = f"""#!{sys.executable}
import pathlib, sys
import httpx, yaml

assert sys.argv[1:3] == ["apply", "-f"]
with httpx.Client(base_url="URL", headers={{"Authorization": "Bearer TOKEN"}}, trust_env=False, timeout=30) as http:
    found = [yaml.safe_load(path.read_text()) for path in pathlib.Path(sys.argv[3]).glob("*.yaml")]
    for each in sorted(found, key=lambda document: document["kind"] != "AppProject"):
        if each["kind"] == "AppProject":
            answer = http.post("/api/v1/projects", json={{"project": each, "upsert": True}})
        else:
            answer = http.post("/api/v1/applications?upsert=true", json=each)
        answer.raise_for_status()
"""
"""What the README asks of kubectl, through Argo CD's own API: the sandbox has no Kubernetes API."""


@dataclass(frozen=True)
class Newcomer:
    """An empty folder, a home of their own, and the addresses of a forge and of Argo CD."""

    folder: Path
    town: Town
    prefect: int
    server: int

    def fill_in(self, block: str) -> str:
        known = {
            "https://github.com/you/my-config.git": self.town.repository_url,
            "https://argocd.example.com": self.town.urls["argocd"],
            "YOUR-TOKEN": token_of(BOT),
            "ITS-TOKEN": self.town.argocd_token,
            ":4200": f":{self.prefect}",
            ":8080": f":{self.server}",
        }
        for written, meant in known.items():
            block = block.replace(written, meant)
        return block

    def variables(self) -> dict[str, str]:
        """Of their shell. Their forge is no github.com, so its API has another address."""
        forge = {"LIFTGATE_FORGE__URL": f"{self.town.urls['forge']}/api/v3"}
        path = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        git = {"GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig")}
        return scrubbed(os.environ) | {"HOME": str(self.folder / "home")} | git | forge | path

    def run(self, block: str, log: str, folder: str = "empty") -> subprocess.Popen[bytes]:
        """A shell that runs it, as in a script: it ends at the first command that fails."""
        with (self.folder / log).open("wb") as out:
            return subprocess.Popen(
                ["sh", "-euxc", block], cwd=self.folder / folder, env=self.variables(), stdout=out, stderr=out
            )

    def said(self, log: str) -> str:
        return (self.folder / log).read_text()

    def states_in(self, environment: str) -> list[str]:
        """Of the promotions to there, as Prefect has them: a look costs far less than a start of the command line."""
        place = self.folder / "home/.liftgate/up"
        prefect = PrefectApi(f"http://{LOOPBACK}:{self.prefect}/api", DEFAULT, place, place)
        return [
            run.state_name
            for run in prefect.runs.find(flows=["promote"]).runs
            if run.parameters.get("to") == environment
        ]


@pytest.fixture
def newcomer() -> Iterator[Newcomer]:
    with tempfile.TemporaryDirectory(prefix="liftgate-readme-") as made, Town(Path(made) / "town") as town:
        folder = Path(made)
        folder.chmod(0o711)  # Postgres is another user, who must be able to pass
        for name in ("empty", "home", "bin"):
            (folder / name).mkdir()
        program(folder / "bin/liftgate", LIFTGATE)
        kubectl = KUBECTL.replace("URL", town.urls["argocd"]).replace("TOKEN", town.argocd.admin_token())
        program(folder / "bin/kubectl", kubectl)
        helper = f"\"!printf 'username=ada\\npassword={token_of('ada')}\\n'\""
        config = f"[user]\nname = Ada\nemail = ada@example.com\n[credential]\nhelper = {helper}\n"
        (folder / "gitconfig").write_text(config)
        yield Newcomer(folder, town, free_port(), free_port())


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def blocks() -> list[str]:
    """The shell blocks of the section."""
    section = (project_root() / "README.md").read_text().partition("## Your own repository\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def test_it_works_as_it_is_written(newcomer: Newcomer) -> None:
    make, serve, promote, _ = map(newcomer.fill_in, blocks())
    ports = f"--prefect-port {newcomer.prefect} --server-port {newcomer.server}"
    up = newcomer.run(make + serve.replace("liftgate up ", f"exec liftgate up {ports} "), "first")
    try:
        assert eventually(lambda: "Liftgate   http" in newcomer.said("first") or up.poll() is not None, within=WITHIN)
        assert up.poll() is None, newcomer.said("first")
        exports = "\n".join(line for line in serve.splitlines() if line.startswith("export "))
        second = newcomer.run(f"{exports}\n{promote}", "second", "empty/my-config")
        assert second.wait(WITHIN) == 0, newcomer.said("second")
        decide(newcomer, exports)
    finally:
        up.send_signal(signal.SIGINT)
        code = up.wait(60)
    assert code == 0, newcomer.said("first")


def decide(newcomer: Newcomer, exports: str) -> None:
    """prod waits; Ada and Grace decide by the links that they get, and then it is there."""
    assert eventually(lambda: newcomer.states_in("prod") == ["Suspended"], within=WITHIN, every=0.5)
    status = f"{exports}\nliftgate status"
    assert newcomer.run(status, "status", "empty/my-config").wait(60) == 0, newcomer.said("status")
    found = re.search(r"liftgate approve (\S+)", newcomer.said("status"))
    assert found, newcomer.said("status")
    for person in ("ada", "grace"):
        line = f"{exports}\nliftgate approve {found[1]} --as {person} > link"
        assert newcomer.run(line, person, "empty/my-config").wait(60) == 0, newcomer.said(person)
        approve(newcomer, (newcomer.folder / "empty/my-config/link").read_text().strip(), found[1])
    assert eventually(lambda: newcomer.states_in("prod") == ["Promoted"], within=WITHIN, every=0.5)
    history = f"{exports}\ngit fetch -q && liftgate history --environment prod --json > history"
    assert newcomer.run(history, "history.log", "empty/my-config").wait(60) == 0, newcomer.said("history.log")
    (entry,) = json.loads((newcomer.folder / "empty/my-config/history").read_text())["entries"]
    assert (entry["outcome"], entry["version"], sorted(entry["approved_by"])) == ("promoted", "1.1.0", ["ada", "grace"])


def approve(newcomer: Newcomer, link: str, promotion: str) -> None:
    """What a browser sends when the person opens the link, and presses the buttons of both pages."""
    url = httpx.URL(link)
    ours = f"http://127.0.0.1:{newcomer.server}"
    with httpx.Client(
        verify=NO_CERTIFICATES, base_url=ours, headers={"origin": ours}, trust_env=False, timeout=30
    ) as http:
        form = {"ticket": url.params["ticket"], "to": url.params["to"]}
        assert http.post("/sign-in", data=form).status_code == 303
        page = http.get(f"/promotions/{promotion}").text
        seen = dict(re.findall(r'name="(plan|shown)" value="([^"]+)"', page))
        assert len(seen) == 2, page
        answer = http.post(f"/promotions/{promotion}/decision", data=seen | {"decision": "approve"})
        assert answer.status_code in (200, 303), answer.text
