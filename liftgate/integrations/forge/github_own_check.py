"""Our own status check on our own pull request, where the branch requires it: we merge only when all gates are open."""

from __future__ import annotations

from liftgate.domain.approval.change_gates import STATUS_CHECK
from liftgate.errors import Misconfigured
from liftgate.integrations.forge.github_checks import statuses_of
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.http import json_of


def say_that_the_gates_are_open(rest: Rest, branch: str, sha: str) -> None:
    """Once for a commit. Raises Misconfigured for a token that may not set a status."""
    if any(each.context == STATUS_CHECK and each.state == "success" for each in statuses_of(rest, sha)):
        return
    said = {"state": "success", "context": STATUS_CHECK, "description": "All gates of this promotion are open"}
    response = rest.send("POST", f"/statuses/{sha}", json=said)
    if response.status_code in (403, 404):
        raise Misconfigured(
            f"{branch} requires the status check {STATUS_CHECK}, and the token may not set it: give it the permission "
            "Commit statuses: read and write"
        )
    json_of(response, WHO)
