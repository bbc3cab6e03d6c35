"""Pause promotions, everywhere or to one environment, until `liftgate resume`. Rollbacks continue.

It pushes the branch liftgate/pause-all (or liftgate/pause/ENVIRONMENT) from your clone with your own right to push, so
it does not need the Liftgate server. If git has your signing key, the commit is signed. Without --reason it shows what
is paused.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import Answer, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.approval.pause import pause_message, place_of
from liftgate.integrations.git import pauses
from liftgate.integrations.git.remote import Remote

PAUSE: Final = "{id, environment, reason, by, since, is_proven, branch_deleted}"
KEYS: Final = {
    "pauses": f"list of {PAUSE}: what is paused now; an empty environment means all of them",
    "changed": "whether this call changed anything",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("environment", metavar="ENVIRONMENT", nargs="?", default="", help="pause only this one (all)")
    parser.add_argument("--reason", default="", help="why; people see it wherever a promotion waits")
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused for an unknown environment, Misconfigured or Unavailable when origin cannot be reached."""
    clone, remote = opened(given)
    place = place_of(given.environment)
    is_new = bool(given.reason) and not any(each.environment == given.environment for each in clone.pauses())
    if is_new:
        tree = remote.git("hash-object", "-w", "-t", "tree", os.devnull)
        signed = ["-S"] if remote.has_signing_key() else []
        sha = remote.git("commit-tree", *signed, tree, "-m", pause_message(given.reason))
        remote.git("push", "--quiet", "--no-verify", "origin", f"{sha}:refs/heads/{pauses.branch_at(place)}")
        remote.fetch()
    return answer(clone, changed=is_new)


def opened(given: Any) -> tuple[Clone, Remote]:
    """The clone, after a fetch from its origin."""
    clone = Clone(given.repo)
    if given.environment:
        clone.tree.environment(given.environment)
    remote = Remote(clone.folder)
    remote.fetch()
    return clone, remote


def answer(clone: Clone, *, changed: bool) -> Answer:
    found = clone.pauses()
    lines = [paint(pause.sentence, "red") for pause in found] or [paint("nothing is paused", "green")]
    return Answer("\n".join(lines), {"pauses": [pause.model_dump(mode="json") for pause in found], "changed": changed})
