"""Applications as the Kubernetes API keeps them: made, and asked to go."""

from __future__ import annotations

from liftgate_sandbox.argocd.kube import FINALIZER, Object, copied, stamp
from liftgate_sandbox.argocd.state import State

GIVEN = ("labels", "annotations", "ownerReferences", "finalizers")
"""What of the metadata is the maker's."""


def blank(metadata: Object, spec: Object) -> Object:
    """An application that nobody has looked at."""
    nothing = {"source": {"repoURL": ""}, "destination": {}}
    sync: Object = {"status": "", "comparedTo": nothing}
    status: Object = {"sync": sync, "health": {}, "summary": {}, "sourceHydrator": {}}
    return {"metadata": copied(metadata), "spec": copied(spec), "status": status}


def create(state: State, metadata: Object, spec: Object) -> Object:
    """Store a new one; of `metadata` the name counts, and what is the maker's."""
    app = blank(state.new_metadata(metadata["name"], "argocd"), spec)
    app["metadata"] |= {part: copied(metadata[part]) for part in GIVEN if metadata.get(part)}
    state.put_application(app)
    return app


def ask_to_go(state: State, name: str, *, cascade: bool | None = None) -> None:
    """Delete one: with a finalizer the controller has to empty it first, else it is gone at once.

    `cascade` sets or takes away that finalizer; None leaves it as it is.
    """
    app = state.application(name)
    metadata = app["metadata"]
    finalizers = [one for one in metadata.get("finalizers") or [] if one != FINALIZER or cascade is not False]
    if cascade and FINALIZER not in finalizers:
        finalizers.append(FINALIZER)
    if not finalizers:
        state.drop_application(name)
    elif "deletionTimestamp" not in metadata:
        going = {"deletionTimestamp": stamp(state.clock()), "deletionGracePeriodSeconds": 0}
        metadata |= going | {"finalizers": finalizers}
        state.put_application(app)


def is_going(app: Object) -> bool:
    """Whether it was deleted and is not gone yet."""
    return "deletionTimestamp" in app["metadata"]
