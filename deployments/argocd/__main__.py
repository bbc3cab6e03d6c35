"""`python -m deployments.argocd`: writes the examples anew, by the command itself."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from liftgate.cli.folder import put
from liftgate.cli.main import main as liftgate
from liftgate.demo.repository import APPLICATION, ENVIRONMENTS
from liftgate.domain.manifests import project as manifests_project
from liftgate.domain.manifests import scaffold
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.scaffold import templates

HERE: Final = Path(__file__).parent
RENDERS, FORMS = ("kustomize", "helm"), ("applications", "applicationset")
_URL: Final = "https://git.example.com/shop/config.git"


def write(folder: Path) -> None:
    """A folder for each way to render, in it one for each form: `argocd/`, and beside it what the repository lacked."""
    for render in RENDERS:
        with tempfile.TemporaryDirectory() as repository:
            values_only(Path(repository))
            for form in FORMS:
                _manifests(repository, render, form, folder / render / form)
                shutil.copytree(folder / render / form, repository, dirs_exist_ok=True)
    (folder / "policy.csv").write_text("\n".join(manifests_project.rbac(APPLICATION)) + "\n")


def values_only(folder: Path) -> None:
    """What a team has before it knows of Argo CD: values, and `liftgate.json`."""
    wanted = Scaffold(application=APPLICATION, repository=_URL, environments=ENVIRONMENTS)
    for path, text in scaffold.files(wanted, templates()).items():
        if path.endswith(".json"):
            put(folder / path, text)


def _manifests(repository: str, render: str, form: str, out: Path) -> None:
    options = ["--repo", repository, "--repo-url", _URL, "--render", render, "--form", form, "--out", str(out)]
    if code := liftgate(["manifests", *options]):
        sys.exit(code)


def main() -> None:
    for render in RENDERS:
        shutil.rmtree(HERE / render, ignore_errors=True)
    write(HERE)


if __name__ == "__main__":
    main()
