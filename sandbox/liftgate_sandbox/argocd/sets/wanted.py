"""The applications that a set is to have."""

from __future__ import annotations

from typing import NamedTuple

from liftgate_sandbox.argocd.kube import FINALIZER, Object
from liftgate_sandbox.argocd.sets.generators import params_of
from liftgate_sandbox.argocd.sets.templates import fill
from liftgate_sandbox.argocd.sources import Sources


class Wanted(NamedTuple):
    """`metadata` and `spec` of each application by its name; `problem` is what is wrong ("": nothing).

    `halts`: nobody can tell what it is to have, so everything stays as it is.
    """

    applications: dict[str, Object]
    problem: str = ""
    halts: bool = False


def wanted_by(sources: Sources, made: Object) -> Wanted:
    """What the set `made` is to have now; ParamsError when nobody can tell."""
    spec = made["spec"]
    found: dict[str, Object] = {}
    twice: list[str] = []
    for params in params_of(sources, spec):
        app = fill(spec["template"], params, go=bool(spec.get("goTemplate")))
        name = app["metadata"]["name"]
        if name in found:
            twice.append(name)
        else:
            found[name] = {"metadata": app["metadata"] | _owned(made), "spec": app["spec"]}
    return Wanted(found, _problem(made["metadata"]["name"], twice))


def _owned(made: Object) -> Object:
    """What every application of a set carries."""
    owner: Object = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet"}
    owner |= {part: made["metadata"][part] for part in ("name", "uid")}
    owner |= {"controller": True, "blockOwnerDeletion": True}
    keeps = (made["spec"].get("syncPolicy") or {}).get("preserveResourcesOnDeletion")
    return {"ownerReferences": [owner]} | ({} if keeps else {"finalizers": [FINALIZER]})


def _problem(name: str, twice: list[str]) -> str:
    if not twice:
        return ""
    others = f" (and {len(twice) - 1} more)" if len(twice) > 1 else ""
    return f"ApplicationSet {name} contains applications with duplicate name: {twice[0]}{others}"
