"""Resume paused promotions, everywhere or to one environment.

It pushes a commit that git signs with your key, and deletes the branch of the pause. `.liftgate/allowed_signers` must
allow your key for git and liftgate-pause. Without such a key, resume on the page of the Liftgate server.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import pause
from liftgate.cli.answer import Answer
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.approval.pause import RESUMES, Pause, place_in
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git import pauses
from liftgate.integrations.git.remote import Remote
from liftgate.integrations.ledger import pause_files

KEYS: Final = pause.KEYS
_HOW: Final = (
    "sign it with a key that .liftgate/allowed_signers allows for git and liftgate-pause (gpg.format ssh, "
    "user.signingkey), or resume on the page of the Liftgate server"
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "environment", metavar="ENVIRONMENT", nargs="?", default="", help="resume only this one (by default: all)"
    )
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Refused for an unknown environment or a key that may not, Misconfigured or Unavailable when origin cannot
    be reached."""
    clone, remote = pause.opened(given)
    found = [each for each in clone.pauses() if each.environment == given.environment]
    for each in found:
        commit = _signed(clone, remote, each)
        refs = [f"{commit}:refs/heads/{pauses.RESUMES}{each.id}"]
        if not each.branch_deleted:
            refs.append(f":refs/heads/{pauses.branch_at(place_in(each.id))}")
        remote.git("push", "--quiet", "--no-verify", "--atomic", "origin", *refs)
    if found:
        remote.fetch()
    return pause.answer(clone, changed=bool(found))


def _signed(clone: Clone, remote: Remote, standing: Pause) -> str:
    """A maintainer's commit that lifts the pause."""
    tree = remote.git("hash-object", "-w", "-t", "tree", os.devnull)
    try:
        commit = remote.git("commit-tree", "-S", tree, "-m", "Resume promotions", "-m", f"{RESUMES}: {standing.id}")
    except LiftgateError:
        raise Refused(f"git cannot sign with your key, so the pause stays in force: {_HOW}") from None
    (data,) = clone.repository.objects([commit])
    if not data or not pause_files.is_maintainers_resume(data, standing.id, clone.tree.signers):
        raise Refused(f"your key may not lift a pause, so it stays in force: {_HOW}")
    return commit
