"""What lies between two commits: where one left the other's line, and which files differ."""

from __future__ import annotations

from liftgate.integrations.git.repository import Repository


def fork_point(repository: Repository, target: str, head: str) -> str:
    """The newest commit that both have in their history; empty if there is none. Raises Unavailable."""
    result = repository.git.run("merge-base", target, head)
    if result.status not in (0, 1):
        raise result.failure("merge-base")
    return result.out.decode().strip()


def changed_paths(repository: Repository, older: str, newer: str) -> list[str]:
    """Files that are new, changed or gone in the newer commit; names that are no text are left out."""
    out = repository.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", older, newer)
    if out.status:
        raise out.failure("diff-tree")
    names = (each for each in out.out.split(b"\0") if each)
    return [name.decode() for name in names if _is_text(name)]


def missing_objects(repository: Repository, older: str, newer: str) -> frozenset[str]:
    """Ids of what the newer commit brings and a partial clone left out; nothing is fetched. Raises Unavailable."""
    listed = repository.git("rev-list", "--objects", "--missing=print", newer, f"^{older}")
    return frozenset(line.removeprefix("?") for line in listed.splitlines() if line.startswith("?"))


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
