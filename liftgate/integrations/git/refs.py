"""Many refs by one process, or by none where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liftgate.integrations.git.git_directory import has_no_refs
from liftgate.integrations.git.repository import Repository


def listed_refs(repository: Repository, patterns: Sequence[str]) -> Mapping[str, str]:
    """The commit of each ref that matches, as git-for-each-ref(1) has it. Mostly there is none, which needs no
    process."""
    if has_no_refs(repository.git.directory, patterns):
        return {}
    listed = repository.git("for-each-ref", "--format=%(refname) %(objectname)", *patterns)
    return dict(line.rsplit(" ", 1) for line in listed.split("\n") if line)
