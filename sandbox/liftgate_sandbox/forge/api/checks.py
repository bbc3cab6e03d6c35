"""Check runs, which only Apps make: a result for a commit, with annotations at lines of its files."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid, not_found
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.model import CheckRun
from liftgate_sandbox.forge.shapes import commits
from liftgate_sandbox.forge.store import replaced

LEVELS = ("notice", "warning", "failure")
AT_ONCE = 50
"""Annotations of one call; further calls add to them."""


def list_all(call: Call) -> Reply:
    """The newest of each name."""
    sha = call.commit(call.path["ref"])
    name = call.query.get("check_name")
    newest = {run.name: run for run in call.repository.checks if run.sha == sha}
    found = [run for run in newest.values() if name in (None, run.name)]
    return Reply([commits.check_run(call.core, call.repository, each) for each in found], wrap="check_runs")


def create(call: Call) -> Reply:
    _only_apps(call)
    when = now()
    run = CheckRun(
        id=call.core.store.next_id(),
        sha=call.commit(call.text("head_sha")),
        name=call.text("name"),
        status="queued",
        conclusion=None,
        started_at=when,
        completed_at=None,
        external_id=call.text("external_id", ""),
    )
    run = _changed(call, run)
    call.core.store.edit(call.repository.full_name, checks=(*call.repository.checks, run))
    return Reply(commits.check_run(call.core, call.repository, run), 201)


def update(call: Call) -> Reply:
    _only_apps(call)
    run = _changed(call, _found(call))
    call.core.store.edit(call.repository.full_name, checks=replaced(call.repository.checks, run))
    return Reply(commits.check_run(call.core, call.repository, run))


def list_annotations(call: Call) -> Reply:
    return Reply([{"raw_details": None, "blob_href": "", **each} for each in _found(call).annotations])


def _only_apps(call: Call) -> None:
    if call.user.login not in call.core.apps:
        raise ApiError(403, "You must authenticate via a GitHub App.")


def _found(call: Call) -> CheckRun:
    found = [run for run in call.repository.checks if run.id == call.number()]
    if not found:
        raise not_found()
    return found[0]


def _changed(call: Call, run: CheckRun) -> CheckRun:
    conclusion = call.body.get("conclusion") or run.conclusion
    changes: dict[str, Any] = {
        "conclusion": conclusion,
        "status": "completed" if conclusion else call.text("status", run.status),
        "completed_at": now() if conclusion else None,
    }
    if (output := call.body.get("output")) is not None:
        if not isinstance(output.get("title"), str) or not isinstance(output.get("summary"), str):
            raise invalid("CheckRun", field="output", code="missing_field")
        added = output.get("annotations") or []
        _check(added)
        changes |= {"title": output["title"], "summary": output["summary"]}
        changes["annotations"] = (*run.annotations, *added)
    return run.model_copy(update=changes)


def _check(annotations: list[dict[str, Any]]) -> None:
    if len(annotations) > AT_ONCE:
        raise invalid("CheckRun", f"annotations exceeds a maximum quantity of {AT_ONCE}")
    for each in annotations:
        is_placed = isinstance(each.get("path"), str) and {int} == {
            type(each.get(k)) for k in ("start_line", "end_line")
        }
        if not is_placed or each.get("annotation_level") not in LEVELS or not isinstance(each.get("message"), str):
            raise invalid("CheckRun", field="annotations", code="invalid")
