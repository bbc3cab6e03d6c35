"""What `liftgate init` created and the next steps: as sentences, and as variables that a shell can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final

from liftgate.cli.answer import Answer, paint
from liftgate.cli.first_commit import BRANCH
from liftgate.cli.keys import SERVER, WORKER
from liftgate.domain.common.names import is_ssh
from liftgate.domain.config.configuration import FILE
from liftgate.integrations.products import FORGES, PLAIN, forge_of
from liftgate.runtime.ports import LOOPBACK

NEEDED: Final = 2
"""People: one requests a promotion, another approves it."""
_ABOUT: Final = {
    "LIFTGATE_REPOSITORY__URL": "address that Liftgate clones",
    "LIFTGATE_REPOSITORY__TOKEN": "needs the right to push",
    "LIFTGATE_REPOSITORY__SSH_KEY": "a private key, or its file; its public half needs the right to write",
    "LIFTGATE_REPOSITORY__KNOWN_HOSTS": "the host's keys, or a file of them; empty: your own known hosts",
    "LIFTGATE_FORGE__TOKEN": "for pull requests: may read and write them",
    "LIFTGATE_FORGE__KIND": "; ".join(f"{name}: {product.about}" for name, product in FORGES.items()),
    "LIFTGATE_ARGOCD__TOKEN": "argocd proj role create-token {project} promoter",
    "LIFTGATE_PREFECT__API_URL": "liftgate up runs Prefect here; or use your own",
    "LIFTGATE_SERVER__URL": "liftgate up runs the Liftgate server here; approve prints links to it",
}
"""Comments after the variables."""


_NO_MANIFESTS: Final = (
    "have an Argo CD Application for each application and environment; "
    "where its name is another one than APPLICATION-ENVIRONMENT, write it into applications.NAME.argocd"
)


_REPLACES: Final = (
    "If Argo CD deploys these applications already, commit only .liftgate and the check, and remove the other new "
    "files: they deploy an example container, and would replace what runs."
)


@dataclass(frozen=True)
class Done:
    folder: Path
    project: str
    """Argo CD's."""
    people: tuple[str, ...]
    """Who may approve."""
    is_alone: bool
    """Whether the only person may approve everything."""
    written: tuple[str, ...]
    kept: tuple[str, ...]
    keys: Path | None
    commit: str
    left: tuple[str, ...]
    """Commands that the user must run to commit."""
    url: str
    branch: str
    has_manifests: bool
    """Whether there are, or can be, manifests for Argo CD."""


def answer(done: Done) -> Answer:
    steps, settings = _steps(done), variables(done)
    lines = [
        *(paint(f"+ {path}", "green") for path in done.written),
        *(f"= {path} (left unchanged)" for path in done.kept),
    ]
    lines += [f"keys in {done.keys}: keep them secret, Liftgate signs with them"] if done.keys else []
    lines += [f"first commit {done.commit} on {done.branch}"] if done.commit else []
    lines += ["", paint(_REPLACES, "yellow")] if _unless(done) else []
    lines += [
        "",
        "Next:",
        *(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        "",
        *_exports(done, settings),
    ]
    data = {
        "folder": str(done.folder),
        "written": list(done.written),
        "kept": list(done.kept),
        "keys": str(done.keys or ""),
        "commit": done.commit,
        "variables": settings,
        "next": steps,
    }
    return Answer("\n".join(lines), data)


def _steps(done: Done) -> list[str]:
    steps = [f"cd {quote(str(done.folder))}", *done.left]
    if len(done.people) < NEEDED and not done.is_alone:
        steps += [f"add people to {FILE}: the requester and the authors of a change may not approve it"]
    if not done.url:
        steps += ["git remote add origin ADDRESS"]
        steps += ["run liftgate init again: it writes the manifests for Argo CD"] if done.has_manifests else []
    steps += [f"git push -u origin {done.branch}"]
    steps += [f"kubectl apply -f argocd{_unless(done)}" if done.has_manifests else _NO_MANIFESTS]
    steps += ["set the variables below, and fill in the empty ones"]
    return [*steps, "liftgate up; and in a second terminal: liftgate doctor, which shows what is missing"]


def _unless(done: Done) -> str:
    """A configuration that was there may be of a team whose own Applications have the same names."""
    is_adopted = FILE in done.kept and any(path.startswith("argocd/") for path in done.written)
    return ", unless Argo CD deploys these applications already" if is_adopted else ""


def variables(done: Done) -> dict[str, str]:
    """The settings that a promotion and its approval need; empty where only the user knows the value."""
    keys = {name: str(done.keys / name) if done.keys else "" for name in (WORKER, SERVER)}
    branch = {"LIFTGATE_REPOSITORY__BRANCH": done.branch} if done.branch != BRANCH else {}
    forge = forge_of(done.url)
    return {
        "LIFTGATE_REPOSITORY__URL": done.url,
        **_access(done.url, forge),
        **branch,
        "LIFTGATE_FORGE__KIND": forge,
        "LIFTGATE_ARGOCD__URL": "",
        "LIFTGATE_ARGOCD__TOKEN": "",
        "LIFTGATE_ARGOCD__PROJECT": done.project,
        "LIFTGATE_WORKER__SIGNING_KEY": keys[WORKER],
        "LIFTGATE_SERVER__SIGNING_KEY": keys[SERVER],
        "LIFTGATE_PREFECT__API_URL": f"http://{LOOPBACK}:4200/api",
        "LIFTGATE_SERVER__URL": f"http://{LOOPBACK}:8080",
    }


def _access(url: str, forge: str) -> dict[str, str]:
    """What signs in to the repository: over SSH a key, with a token for the forge's API if the forge has one."""
    if not is_ssh(url):
        return {"LIFTGATE_REPOSITORY__TOKEN": ""}
    token = {"LIFTGATE_FORGE__TOKEN": ""} if forge != PLAIN else {}
    return {"LIFTGATE_REPOSITORY__SSH_KEY": "", "LIFTGATE_REPOSITORY__KNOWN_HOSTS": "", **token}


def _exports(done: Done, settings: dict[str, str]) -> list[str]:
    """The variables as shell commands."""
    lines = []
    for name, value in settings.items():
        about = _ABOUT.get(name, "").format(project=done.project or "PROJECT")
        lines.append(f"export {name}={quote(value) if value else ''}" + (f"  # {about}" if about else ""))
    return lines
