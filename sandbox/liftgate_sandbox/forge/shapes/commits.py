"""Commits, refs, statuses and check runs in GitHub's JSON."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge import signatures
from liftgate_sandbox.forge.core import WEB_FLOW, Core
from liftgate_sandbox.forge.diff import Changed
from liftgate_sandbox.forge.history import Commit
from liftgate_sandbox.forge.model import CheckRun, Repository, Status
from liftgate_sandbox.forge.shapes.people import api, html, node_id, user


def commit(core: Core, of: Repository, this: Commit) -> dict[str, Any]:
    url = api(core, of)
    return {
        "sha": this.sha,
        "node_id": node_id("Commit", int(this.sha[:12], 16)),
        "url": f"{url}/commits/{this.sha}",
        "html_url": f"{html(core, of)}/commit/{this.sha}",
        "comments_url": f"{url}/commits/{this.sha}/comments",
        "commit": {
            "author": this.author._asdict(),
            "committer": this.committer._asdict(),
            "message": this.message,
            "tree": {"sha": this.tree, "url": f"{url}/git/trees/{this.tree}"},
            "url": f"{url}/git/commits/{this.sha}",
            "comment_count": 0,
            "verification": _verification(core, of, this),
        },
        "author": _account(core, this.author.email),
        "committer": _account(core, this.committer.email),
        "parents": [
            {
                "sha": sha,
                "url": f"{url}/commits/{sha}",
                "html_url": f"{html(core, of)}/commit/{sha}",
            }
            for sha in this.parents
        ],
    }


def _verification(core: Core, of: Repository, this: Commit) -> dict[str, Any]:
    reason = signatures.reason(core, core.bare(of), this)
    return {
        "verified": reason == "valid",
        "reason": reason,
        "signature": this.signature,
        "payload": None,
        "verified_at": this.committer.date if reason == "valid" else None,
    }


def _account(core: Core, email: str) -> dict[str, Any] | None:
    found = [person for person in (*core.store.users(), WEB_FLOW) if person.email == email]
    return user(core, found[0]) if found else None


def ref(core: Core, of: Repository, name: str, sha: str) -> dict[str, Any]:
    return {
        "ref": name,
        "node_id": node_id("Ref", int(sha[:12], 16)),
        "url": f"{api(core, of)}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{api(core, of)}/git/commits/{sha}"},
    }


def status(core: Core, of: Repository, this: Status) -> dict[str, Any]:
    return {
        "url": f"{api(core, of)}/statuses/{this.sha}",
        "avatar_url": "",
        "id": this.id,
        "node_id": node_id("StatusContext", this.id),
        "state": this.state,
        "description": this.description,
        "target_url": this.target_url,
        "context": this.context,
        "created_at": this.created_at,
        "updated_at": this.created_at,
        "creator": user(core, core.user(this.creator)),
    }


def check_run(core: Core, of: Repository, this: CheckRun) -> dict[str, Any]:
    url = f"{api(core, of)}/check-runs/{this.id}"
    return {
        "id": this.id,
        "node_id": node_id("CheckRun", this.id),
        "head_sha": this.sha,
        "external_id": this.external_id,
        "url": url,
        "html_url": f"{html(core, of)}/runs/{this.id}",
        "details_url": None,
        "status": this.status,
        "conclusion": this.conclusion,
        "started_at": this.started_at,
        "completed_at": this.completed_at,
        "output": {
            "title": this.title,
            "summary": this.summary,
            "text": None,
            "annotations_count": len(this.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "name": this.name,
        "check_suite": {"id": this.id},
        "app": None,
        "pull_requests": [],
    }


def file(core: Core, of: Repository, this: Changed, ref: str) -> dict[str, Any]:
    page = html(core, of)
    return {
        "blob_url": f"{page}/blob/{ref}/{this.path}",
        "raw_url": f"{page}/raw/{ref}/{this.path}",
        "contents_url": f"{api(core, of)}/contents/{this.path}?ref={ref}",
        "sha": this.sha,
        "filename": this.path,
        "status": this.status,
        "additions": this.added,
        "deletions": this.deleted,
        "changes": this.added + this.deleted,
        "patch": this.patch,
    }
