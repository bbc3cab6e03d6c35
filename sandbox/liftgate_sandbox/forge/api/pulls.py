"""Pull requests: list, create, read, change, and who is asked for a review."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge import diff, events
from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.following import close, fresh
from liftgate_sandbox.forge.mergeability import ask
from liftgate_sandbox.forge.model import Pull
from liftgate_sandbox.forge.shapes import commits, pulls

BODY_LIMIT = 65536


def list_all(call: Call) -> Reply:
    """Newest first. `head` counts only as `owner:branch`: GitHub ignores a bare branch, so this does."""
    state = call.query.get("state", "open")
    owner, colon, branch = call.query.get("head", "").partition(":")
    base = call.query.get("base")
    found = [
        fresh(call.core, call.repository, pull)
        for pull in call.repository.pulls[::-1]
        if state in ("all", pull.state)
        and base in (None, pull.base)
        and (not colon or (owner, branch) == (call.repository.owner, pull.head))
    ]
    return Reply([pulls.pull(call.core, call.repository, pull) for pull in found])


def list_of_commit(call: Call) -> Reply:
    """The merged pull requests that brought the commit to the default branch; of another commit the open ones too."""
    sha = call.commit(call.path["ref"])
    is_there = call.bare.is_ancestor(sha, call.repository.default_branch)
    found = [pull for pull in call.repository.pulls if (pull.merged_at or not is_there) and _brings(call, pull, sha)]
    return Reply([pulls.pull(call.core, call.repository, fresh(call.core, call.repository, pull)) for pull in found])


def _brings(call: Call, pull: Pull, sha: str) -> bool:
    """The commits of its branch, and those that a squash or rebase made of them."""
    merged = pull.merge_commit_sha
    if merged and call.bare.is_ancestor(sha, merged) and not call.bare.is_ancestor(sha, pull.base_sha):
        return True
    return call.bare.is_ancestor(sha, pull.head_sha) and not call.bare.is_ancestor(sha, pull.base_sha)


def create(call: Call) -> Reply:
    title, base = call.text("title"), call.text("base")
    head = call.text("head").removeprefix(f"{call.repository.owner}:")
    body = call.text("body", "")
    if len(body) > BODY_LIMIT:
        raise invalid("PullRequest", f"body is too long (maximum is {BODY_LIMIT} characters)")
    head_sha, base_sha = _ends(call, head, base)
    when = now()
    pull = Pull(
        id=call.core.store.next_id(),
        number=_next_number(call),
        title=title,
        body=body,
        user=call.user.login,
        head=head,
        base=base,
        head_sha=head_sha,
        base_sha=base_sha,
        created_at=when,
        updated_at=when,
        draft=call.body.get("draft") is True,
    )
    call.bare.update_ref(f"refs/pull/{pull.number}/head", head_sha)
    changed = call.core.store.edit(call.repository.full_name, pulls=(*call.repository.pulls, pull))
    events.pull_changed(call.core, changed, pull, call.user, "opened")
    return Reply(pulls.full_pull(call.core, changed, pull, ask(call.core, changed, pull)), 201)


def _ends(call: Call, head: str, base: str) -> tuple[str, str]:
    """The two heads; refuses what GitHub refuses: unknown branches, nothing new, a second pull request."""
    head_sha, base_sha = call.bare.branch(head), call.bare.branch(base)
    if head_sha is None:
        raise invalid("PullRequest", field="head", code="invalid")
    if base_sha is None:
        raise invalid("PullRequest", field="base", code="invalid")
    if any((pull.head, pull.base, pull.state) == (head, base, "open") for pull in call.repository.pulls):
        name = f"{call.repository.owner}:{head}"
        raise invalid("PullRequest", f"A pull request already exists for {name}.")
    if call.bare.is_ancestor(head_sha, base_sha):
        raise invalid("PullRequest", f"No commits between {base} and {head}")
    return head_sha, base_sha


def _next_number(call: Call) -> int:
    return 1 + max((pull.number for pull in call.repository.pulls), default=0)


def get(call: Call) -> Reply:
    pull = call.pull()
    merge = ask(call.core, call.repository, pull)
    return Reply(pulls.full_pull(call.core, call.repository, pull, merge))


def update(call: Call) -> Reply:
    """Title and body; `state` closed closes, open opens again."""
    pull, state = call.pull(), call.text("state", "")
    if state not in ("", "open", "closed"):
        raise invalid("PullRequest", field="state", code="invalid")
    if state == "closed" and pull.state == "open":
        pull = close(call.core, call.repository, pull, call.user)
    elif state == "open" and pull.state == "closed":
        pull = _opened_again(call, pull)
    words = {"title": call.text("title", pull.title), "body": call.text("body", pull.body)}
    changed = pull.model_copy(update=words)
    if changed != pull:
        of = call.core.put_pull(call.repository, changed)
        events.pull_changed(call.core, of, changed, call.user, "edited", changes={})
    of = call.core.again(call.repository)
    return Reply(pulls.full_pull(call.core, of, changed, ask(call.core, of, changed)))


def _opened_again(call: Call, pull: Pull) -> Pull:
    if pull.merged_at or call.bare.branch(pull.head) is None:
        raise invalid("PullRequest", "state cannot be changed. The pull request cannot be reopened.")
    opened = pull.model_copy(update={"state": "open", "closed_at": None})
    of = call.core.put_pull(call.repository, opened)
    events.pull_changed(call.core, of, opened, call.user, "reopened")
    return fresh(call.core, of, opened)


def list_files(call: Call) -> Reply:
    pull = call.pull()
    found = diff.changed(call.bare, pull.base_sha, pull.head_sha)
    return Reply([commits.file(call.core, call.repository, each, pull.head_sha) for each in found])


def request_reviewers(call: Call) -> Reply:
    """Adds people; the author or somebody without an account is refused."""
    pull, asked = call.pull(), call.texts("reviewers")
    if pull.user in asked:
        raise ApiError(422, "Review cannot be requested from pull request author.")
    if any(call.core.store.user(login) is None for login in asked):
        raise ApiError(422, "Reviews may only be requested from collaborators.")
    return _reviewers(call, pull, (*pull.reviewers, *asked), 201)


def remove_reviewers(call: Call) -> Reply:
    pull, gone = call.pull(), call.texts("reviewers")
    return _reviewers(call, pull, tuple(login for login in pull.reviewers if login not in gone), 200)


def list_reviewers(call: Call) -> Reply:
    shape: dict[str, Any] = pulls.pull(call.core, call.repository, call.pull())
    return Reply({"users": shape["requested_reviewers"], "teams": []})


def _reviewers(call: Call, pull: Pull, logins: tuple[str, ...], status: int) -> Reply:
    changed = pull.model_copy(update={"reviewers": tuple(dict.fromkeys(logins))})
    of = call.core.put_pull(call.repository, changed)
    return Reply(pulls.pull(call.core, of, changed), status)
