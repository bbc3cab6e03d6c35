"""Commits, comparisons, statuses and check runs."""

from __future__ import annotations

from liftgate_sandbox.forge import diff, history
from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid, not_found
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.model import Status
from liftgate_sandbox.forge.readiness import combined, newest_statuses
from liftgate_sandbox.forge.shapes import commits, people

DESCRIPTION_LIMIT = 140
STATES = ("error", "failure", "pending", "success")


def get(call: Call) -> Reply:
    found = history.one(call.bare, call.commit(call.path["ref"]))
    return Reply(commits.commit(call.core, call.repository, found))


def list_all(call: Call) -> Reply:
    start = call.bare.resolve(call.query.get("sha") or call.repository.default_branch)
    if start is None:
        raise not_found()
    found = history.log(call.bare, start, path=call.query.get("path", ""))
    return Reply([commits.commit(call.core, call.repository, each) for each in found])


def combined_status(call: Call) -> Reply:
    """The newest status of each context; with none at all the state is "pending"."""
    sha = call.commit(call.path["ref"])
    newest = newest_statuses(status for status in call.repository.statuses if status.sha == sha)
    url = people.api(call.core, call.repository)
    return Reply(
        {
            "state": combined([status.state for status in newest]),
            "statuses": [commits.status(call.core, call.repository, each) for each in newest],
            "sha": sha,
            "total_count": len(newest),
            "repository": people.repository(call.core, call.repository),
            "commit_url": f"{url}/commits/{sha}",
            "url": f"{url}/commits/{sha}/status",
        }
    )


def list_statuses(call: Call) -> Reply:
    sha = call.commit(call.path["ref"])
    found = [status for status in call.repository.statuses if status.sha == sha]
    return Reply([commits.status(call.core, call.repository, each) for each in found[::-1]])


def create_status(call: Call) -> Reply:
    sha, state = call.path["sha"], call.text("state")
    if state not in STATES:
        raise invalid("Status", "state is not included in the list")
    if call.bare.resolve(sha) != sha:
        raise ApiError(422, f"No commit found for SHA: {sha}")
    if len(call.text("description", "")) > DESCRIPTION_LIMIT:
        raise invalid("Status", f"description is too long (maximum is {DESCRIPTION_LIMIT} characters)")
    status = Status(
        id=call.core.store.next_id(),
        sha=sha,
        context=call.text("context", "default"),
        state=state,
        description=call.body.get("description"),
        target_url=call.body.get("target_url"),
        creator=call.user.login,
        created_at=now(),
    )
    call.core.store.edit(call.repository.full_name, statuses=(*call.repository.statuses, status))
    return Reply(commits.status(call.core, call.repository, status), 201)


def compare(call: Call) -> Reply:
    """`base...head`: how far each is ahead, and what changed since they parted."""
    names = call.path["range"].split("...")
    shas = [call.bare.resolve(name) for name in names]
    if len(shas) != len(("base", "head")) or None in shas:
        raise not_found()
    base, head = (str(sha) for sha in shas)
    counts = call.bare.run("rev-list", "--left-right", "--count", f"{base}...{head}").split()
    behind, ahead = int(counts[0]), int(counts[1])
    parted = call.bare.run("merge-base", base, head)
    of = call.repository
    page = f"{people.html(call.core, of)}/compare/{call.path['range']}"
    found = history.log(call.bare, f"{base}..{head}")[::-1]
    return Reply(
        {
            "url": f"{people.api(call.core, of)}/compare/{call.path['range']}",
            "html_url": page,
            "permalink_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "status": _word(ahead, behind),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "base_commit": commits.commit(call.core, of, history.one(call.bare, base)),
            "merge_base_commit": commits.commit(call.core, of, history.one(call.bare, parted)),
            "commits": [commits.commit(call.core, of, each) for each in found],
            "files": [commits.file(call.core, of, each, head) for each in diff.changed(call.bare, base, head)],
        }
    )


def _word(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"
