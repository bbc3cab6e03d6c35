"""Stop all promotions, or those to one environment, until somebody lets them go on; rollbacks are not stopped.

It pushes the branch liftgate/stop-all (or liftgate/stop/ENVIRONMENT) from a clone with your own right to push, so it
needs no server of Liftgate. With --go-on the branch is removed; without --reason or --go-on, what is stopped is shown.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import Answer, Usage, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.integrations.git import stops
from liftgate.integrations.git.remote import Remote
from liftgate.integrations.git.repository import Repository

KEYS: Final = {
    "stops": "list of {environment, reason, by, since}: what is stopped now; an empty environment means every one",
    "changed": "whether this call changed it",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("environment", metavar="ENVIRONMENT", nargs="?", default="", help="only there (everywhere)")
    parser.add_argument("--reason", default="", help="why; it is shown wherever something waits for it")
    parser.add_argument("--go-on", action="store_true", help="let promotions go on")
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused for an unknown environment, Misconfigured or Unavailable when origin cannot be reached."""
    if given.reason and given.go_on:
        raise Usage("--reason stops it and --go-on lets it go on: give one of them")
    clone = Clone(given.repo)
    if given.environment:
        clone.tree.environment(given.environment)
    remote = Remote(clone.folder)
    remote.fetch()
    changed = _changed(remote, clone.repository, given)
    found = stops.read(clone.repository, stops.REMOTES)
    lines = [paint(stop.sentence, "red") for stop in found] or [paint("nothing is stopped", "green")]
    return Answer("\n".join(lines), {"stops": [stop.model_dump(mode="json") for stop in found], "changed": changed})


def _changed(remote: Remote, repository: Repository, given: Any) -> bool:
    branch = stops.branch_of(given.environment)
    there = bool(repository.resolve(f"{stops.REMOTES}{branch}"))
    if given.go_on and there:
        remote.git("push", "--quiet", "--no-verify", "origin", f":refs/heads/{branch}")
    elif given.reason and not there:
        tree = remote.git("hash-object", "-w", "-t", "tree", os.devnull)
        sha = remote.git("commit-tree", tree, "-m", stops.message_of(given.reason))
        remote.git("push", "--quiet", "--no-verify", "origin", f"{sha}:refs/heads/{branch}")
    else:
        return False
    remote.fetch()
    return True
