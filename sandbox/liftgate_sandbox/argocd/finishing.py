"""The end of an operation: its last phase, another attempt, the history."""

from __future__ import annotations

from datetime import UTC, datetime

from liftgate_sandbox.argocd.kube import Object, stamp
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.windows import seconds

_HISTORY = 10


def wanted_revisions(operation: Object) -> list[str]:
    """The revisions that an operation was given, one for each source."""
    sync = operation["sync"]
    return list(sync.get("revisions") or [sync.get("revision", "")])


def next_retry(state: Object, now: float) -> float | None:
    """Turn a failed attempt into a waiting one, in place, and say when; None when it is over for good."""
    retry = state["operation"].get("retry") or {}
    count = int(state.get("retryCount", 0))
    if state["phase"] == "Succeeded" or count >= int(retry.get("limit", 0)):
        return None
    backoff = retry.get("backoff") or {}
    first, factor = seconds(backoff.get("duration") or "5s"), float(backoff.get("factor") or 2)
    wait = min(first * factor ** (count + 1), seconds(backoff.get("maxDuration") or "3m"))
    clock = datetime.fromtimestamp(now + wait, UTC).strftime("%I:%M%p").lstrip("0")
    message = f"{state['message']}. Retrying attempt #{count + 1} at {clock}."
    state |= {"phase": "Running", "finishedAt": stamp(now), "retryCount": count + 1, "message": message}
    return now + wait


def finish(state: State, app: Object, result: Object) -> None:
    """Write the final operationState, and the history entry of a full successful sync, in one patch."""
    now = state.clock()
    if result["phase"] != "Succeeded" and result.get("retryCount") and "retried" not in result["message"]:
        result["message"] += f" (retried {result['retryCount']} times)."
    result["finishedAt"] = stamp(now)
    sync = result["operation"]["sync"]
    if result["phase"] == "Succeeded" and not sync.get("dryRun") and not sync.get("resources"):
        _remember(app, result, now)
    app["status"]["operationState"] = result
    del app["operation"]
    state.put_application(app)
    revision = result["syncResult"].get("revision", "")
    what = "Partial sync" if sync.get("resources") else "Sync"
    outcome = "succeeded" if result["phase"] == "Succeeded" else f"failed: {result['message']}"
    state.add_event(app, "OperationCompleted", f"{what} operation to {revision} {outcome}")


def _remember(app: Object, result: Object, now: float) -> None:
    history = app["status"].get("history") or []
    done = result["syncResult"]
    entry: Object = {"deployedAt": stamp(now), "deployStartedAt": result["startedAt"]}
    entry["id"] = history[-1]["id"] + 1 if history else 0
    entry["initiatedBy"] = result["operation"].get("initiatedBy", {})
    if "sources" in done:
        entry |= {"source": {"repoURL": ""}, "sources": done["sources"], "revisions": done["revisions"]}
    else:
        entry |= {"source": done["source"], "revision": done["revision"]}
    limit = int(app["spec"].get("revisionHistoryLimit", _HISTORY))
    app["status"]["history"] = [*history, entry][-limit:]
