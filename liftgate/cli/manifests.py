"""Write what Argo CD needs: a project with a role for Liftgate's token, and an Application for each environment.

It prints one YAML stream; files that the repository lacks follow as comments. With --out it writes files and never
changes an existing one. With --check it reads your manifests instead and lists their mistakes.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from liftgate.cli import checking
from liftgate.cli.answer import Answer, Usage, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.folder import Files, origin, put
from liftgate.cli.places import places
from liftgate.domain.common.names import repository_of
from liftgate.domain.manifests import files as manifests_files
from liftgate.domain.manifests import manifests
from liftgate.domain.manifests import project as manifests_project
from liftgate.domain.manifests import text as manifests_text
from liftgate.domain.manifests.place import Place, Target
from liftgate.errors import Misconfigured, Refused
from liftgate.scaffold import templates

_DIFFERS: Final = "differs; left unchanged: remove it and run this again to replace it"
KEYS: Final = {
    "manifests": "list of {path, kind, name, text}: the manifests for Argo CD",
    "files": "list of {path, text}: the files that the repository lacks",
    "rbac": "the role's policies as lines of argocd-rbac-cm",
    "written": "the files that --out created",
    "kept": "the files that existed already",
    "findings": "with --check: list of {place, rule, message, fix, blocking}",
}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--form", metavar="FORM", choices=("applications", "applicationset"), default="applications",
                        help="applications (one file each) or applicationset (one for all environments)")  # fmt: skip
    parser.add_argument("--render", metavar="BY", choices=("kustomize", "helm"), default="",
                        help="kustomize or helm (helm where the repository has a Chart.yaml)")  # fmt: skip
    parser.add_argument("--repo-url", metavar="URL", default="", help="address that Argo CD clones (origin's)")
    parser.add_argument("--branch", metavar="NAME", default="main", help="the branch Argo CD follows (main)")
    parser.add_argument("--project", metavar="NAME", default="", help="the AppProject (the application's name)")
    parser.add_argument("--argocd-namespace", metavar="NAME", default="argocd", help="where Argo CD runs (argocd)")
    parser.add_argument("--destination", metavar="[NAME=]CLUSTER", type=_destination, action="append", default=[],
                        help="a cluster's address or name; NAME: environment or Argo CD Application")  # fmt: skip
    parser.add_argument("--namespace", metavar="PATTERN", default="{application}-{environment}",
                        help="Kubernetes namespace of each application ({application}-{environment})")  # fmt: skip
    parser.add_argument("--out", metavar="DIR", default="", help="write the files into this folder")
    parser.add_argument("--check", metavar="FILE", nargs="+", default=[], help="list the mistakes in these manifests")


def run(given: Any) -> Answer:
    """Raises Refused for impossible arguments, Misconfigured if a file cannot be read or written."""
    if given.check and given.out:
        raise Usage("--check writes nothing: remove --out")
    return checking.checked(given) if given.check else _made(given)


def _destination(text: str) -> tuple[str, str]:
    """(environment, Argo CD Application or "", and the cluster)"""
    before, equals, after = text.partition("=")
    environment, cluster = (before, after) if equals and "/" not in before else ("", text)
    if not cluster:
        raise ArgumentTypeError(f"{text}: write CLUSTER or NAME=CLUSTER")
    return environment, cluster


def _made(given: Any) -> Answer:
    clone = Clone(given.repo)
    have = Files(clone.folder)
    found = places(clone.work_tree, have, given.render)
    target = _target(given, clone.folder, have, found)
    documents = manifests.manifests(found, target, given.form)
    lacking = manifests_files.missing(found, have, templates())
    texts = {path: manifests_text.write_manifests(document) for path, document in documents.items()}
    data: dict[str, Any] = {
        "manifests": [_manifest(path, document, texts[path]) for path, document in documents.items()],
        "files": [{"path": path, "text": text} for path, text in lacking.items()],
        "rbac": manifests_project.rbac(target.project),
        "written": [],
        "kept": [],
        "findings": [],
    }
    if not given.out:
        return Answer(manifests_text.stream(documents, lacking).rstrip("\n"), data)
    return _written(Path(given.out), texts | lacking, data)


def _written(folder: Path, texts: Mapping[str, str], data: dict[str, Any]) -> Answer:
    try:
        written = [path for path, text in texts.items() if put(folder / path, text)]
        differ = {path for path, text in texts.items() if (folder / path).read_text() != text}
    except OSError as error:
        raise Misconfigured(f"{error.filename} cannot be written: {error.strerror}") from None
    kept = [path for path in texts if path not in written]
    lines = [*(paint(f"+ {path}", "green") for path in written)]
    lines += [f"= {path} ({_DIFFERS if path in differ else 'left unchanged'})" for path in kept]
    return Answer("\n".join(lines), data | {"written": written, "kept": kept})


def _manifest(path: str, document: Any, text: str) -> dict[str, str]:
    return {"path": path, "kind": document["kind"], "name": document["metadata"]["name"], "text": text}


def _target(given: Any, folder: Path, have: Files, found: list[Place]) -> Target:
    url = given.repo_url or origin(folder)
    if not url:
        raise Refused("the address that Argo CD clones is unknown: this repository has no origin; give --repo-url URL")
    servers = dict(given.destination)
    known = {place.environment for place in found} | {place.name for place in found}
    if unknown := sorted(servers.keys() - known - {""}):
        raise Refused(f"--destination: there is no environment or Argo CD Application {', '.join(unknown)}")
    return Target(
        repository=url,
        project=given.project or project_of(url, have, found),
        branch=given.branch,
        argocd=given.argocd_namespace,
        servers=servers,
        namespace=given.namespace,
    )


def project_of(url: str, have: Mapping[str, bytes], found: list[Place]) -> str:
    """The name of the AppProject in the repository; else of the application, or with several of the repository."""
    names = list(dict.fromkeys(place.application for place in found))
    return _project_in(have) or (names[0] if len(names) == 1 else repository_of(url).rpartition("/")[2])


def _project_in(have: Mapping[str, bytes]) -> str:
    """From the first manifest that names a project."""
    paths = (path for path in have if path.startswith(f"{manifests.FOLDER}/") and path.endswith(".yaml"))
    return next(filter(None, (_project_named(have[path]) for path in paths)), "")


def _project_named(manifest: bytes) -> str:
    import yaml

    try:
        document = yaml.safe_load(manifest)
        is_project = document["kind"] == "AppProject"
        return str(document["metadata"]["name"] if is_project else document["spec"]["project"])
    except (yaml.YAMLError, ValueError, TypeError, KeyError):
        return ""
