"""A repository and manifests as Liftgate writes them, with parts of them made wrong."""

from __future__ import annotations

from typing import Any

import yaml

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifest_rules.check import check_manifests
from liftgate.domain.manifests import application as manifests_application
from liftgate.domain.manifests import application_set as manifests_set
from liftgate.domain.manifests.place import Place, Target
from liftgate.domain.manifests.seen import Seen

URL = "https://git.example.com/shop/config.git"
TARGET = Target(repository=URL, project="shop")
ANNOTATED = """configMapGenerator: [{name: values, files: [values.json]}]
generatorOptions: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous,
  argocd.argoproj.io/sync-options: PruneLast=true}}
"""
SEED = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: environment-config}
spec:
  source: {repoURL: git@github.com:org/config-repo.git, path: configs/${env}, targetRevision: main}
"""


def place(environment: str, chart: str = "") -> Place:
    return Place(
        application="shop",
        environment=environment,
        pattern="{application}-{environment}",
        root=f"configs/{environment}",
        files=(f"configs/{environment}/values.json",),
        chart=chart,
    )


PLACES = (place("dev"), place("prod"))


def seen(*places: Place, **files: str | None) -> Seen:
    """A repository for Kustomize and Helm; the files replace its own by `a__b_yaml`, None takes one away."""
    found: dict[str, str | None] = {"chart/Chart.yaml": "name: shop\n", "chart/templates/all.yaml": "{{ broken"}
    for name in ("dev", "prod"):
        found |= {f"configs/{name}/values.json": "{}", f"configs/{name}/kustomization.yaml": ANNOTATED}
    found |= {
        name.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json"): t for name, t in files.items()
    }
    kept = {path: text.encode() for path, text in found.items() if text is not None}
    return Seen(files=kept, places=places or PLACES, repository=URL)


def application(name: str = "dev", chart: str = "", **spec: Any) -> str:
    """As Liftgate writes it, with parts of its spec replaced; None takes one away."""
    document = manifests_application.application(place(name, chart), TARGET)
    document["spec"] = {key: value for key, value in (document["spec"] | spec).items() if value is not None}
    return yaml.safe_dump(document, sort_keys=False)


def application_set(**spec: Any) -> str:
    document = manifests_set.application_set(PLACES, TARGET)
    document["spec"] = {key: value for key, value in (document["spec"] | spec).items() if value is not None}
    return yaml.safe_dump(document, sort_keys=False)


def source(**parts: Any) -> Any:
    return {"repoURL": URL, "targetRevision": "main", "path": "configs/dev"} | parts


def found(text: str, at: Seen | None = None) -> list[Finding]:
    return check_manifests({"a.yaml": text}, at or seen())


def the(rule: str, text: str, at: Seen | None = None) -> Finding:
    """The one finding, which must be of that rule."""
    (finding,) = found(text, at)
    assert finding.rule == rule, finding
    assert finding.fix
    return finding
