"""One bare repository on disk, read and changed by the system's git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from liftgate_sandbox.ref_files import read_refs

SETTINGS = """[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[http]
\treceivepack = true
[receive]
\tautogc = false
\thideRefs = refs/pull
[gc]
\tauto = 0
"""

# The server names in the environment which refs this pusher may not touch, and where to write what changed.
UPDATE_HOOK = """#!/bin/sh
ref=$1 old=$2 new=$3
refuse() { echo "error: GH006: Protected branch update failed for $ref." >&2; echo "error: $1" >&2; exit 1; }
create= delete=
case $old in *[!0]*) ;; *) create=yes ;; esac
case $new in *[!0]*) ;; *) delete=yes ;; esac
broken=
breaks() { broken="$broken
- $1"; }
is() { printf '%s\\n' "$ref" | grep -Eqx -e "$1"; }
unsigned() {
  printf '%s\\n' "$FORGE_SIGNERS" > "$FORGE_RECEIPT.signers"
  git -c gpg.ssh.allowedSignersFile="$FORGE_RECEIPT.signers" log --format='%G? %GS %ce' "$new" --not --all |
    while read -r good by committer; do
      [ "$good $by" = "G $committer" ] || echo unsigned
    done
}
while read -r kind include exclude; do
  [ -n "$kind" ] && is "$include" && ! is "$exclude" || continue
  case $kind in
    creation) [ -z "$create" ] || breaks "Cannot create ref due to creations being restricted." ;;
    update) [ -n "$create$delete" ] || breaks "Cannot update this protected ref." ;;
    deletion) [ -z "$delete" ] || breaks "Cannot delete this protected branch" ;;
    pull_request) [ -n "$create$delete" ] || breaks "Changes must be made through a pull request." ;;
    required_status_checks) [ -n "$create$delete" ] || breaks "Required status checks are expected." ;;
    non_fast_forward) [ -n "$create$delete" ] || git merge-base --is-ancestor "$old" "$new" ||
      breaks "Cannot force-push to this branch" ;;
    required_signatures) [ -n "$delete" ] || [ -z "$(unsigned)" ] || breaks "Commits must have verified signatures." ;;
  esac
done <<END
$FORGE_RULES
END
if [ -n "$broken" ]; then
  echo "error: GH013: Repository rule violations found for $ref.$broken" >&2
  exit 1
fi
case " $FORGE_REVIEWED_REFS " in *" $ref "*) refuse "Changes must be made through a pull request." ;; esac
case " $FORGE_PROTECTED_REFS " in *" $ref "*) ;; *) exit 0 ;; esac
case $old in *[!0]*) ;; *) exit 0 ;; esac
case $new in *[!0]*) ;; *) refuse "Cannot delete a protected branch" ;; esac
git merge-base --is-ancestor "$old" "$new" || refuse "Cannot force-push to this branch"
"""
POST_RECEIVE_HOOK = """#!/bin/sh
exec cat > "${FORGE_RECEIPT:-/dev/null}"
"""


def git_environment(**more: str) -> dict[str, str]:
    """Git with nobody's configuration, so that the host cannot change what the forge does."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **more,
    }


class GitFailed(Exception):
    """Git ended with an error; the text is what it said."""


@cache
def _empty(default_branch: str) -> dict[str, bytes | None]:
    """What `git init` makes, a folder before what is in it: contents of files by their place, None for a folder."""
    with tempfile.TemporaryDirectory() as folder:
        made = Bare(Path(folder))
        made.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}", "--template=", ".")
        found = sorted(made.path.rglob("*"))
        return {str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None for each in found}


class Bare:
    """Git commands in one bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, default_branch: str) -> Bare:
        path.mkdir(parents=True)
        bare = cls(path)
        for name, content in _empty(default_branch).items():
            if content is None:
                (path / name).mkdir()
            else:
                (path / name).write_bytes(content)
        with (path / "config").open("a") as config:
            config.write(SETTINGS)
        for name, text in (("update", UPDATE_HOOK), ("post-receive", POST_RECEIVE_HOOK)):
            hook = path / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(text)
            hook.chmod(0o755)
        return bare

    def call(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run git and answer whatever came of it."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=git_environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )

    def rewritten(self, commit: str, change: Callable[[bytes], bytes]) -> str:
        """A new commit with the changed bytes of this one."""
        data = change(self.call("cat-file", "commit", commit).stdout)
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            command = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
            made = subprocess.run(
                command, cwd=self.path, env=git_environment(), stdin=file, capture_output=True, check=True
            )
        return made.stdout.decode().strip()

    def run(self, *arguments: str, **environment: str) -> str:
        """The output without its last line end; raises GitFailed."""
        done = self.call(*arguments, **environment)
        if done.returncode:
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(errors="replace").removesuffix("\n")

    def resolve(self, name: str) -> str | None:
        """The commit that a full ref, branch, tag or SHA names."""
        for candidate in (name, f"refs/heads/{name}", f"refs/tags/{name}"):
            done = self.call("rev-parse", "-q", "--verify", "--end-of-options", f"{candidate}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def branch(self, name: str) -> str | None:
        """The head of exactly this branch."""
        return self.ref(f"refs/heads/{name}")

    def ref(self, full_name: str) -> str | None:
        """What exactly this ref points at."""
        return dict(self.refs(full_name)).get(full_name)

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """Ref and commit of everything below (or exactly at) a full ref prefix."""
        if known := read_refs(self.path):
            folder = prefix.removesuffix("/") + "/"
            return [(ref, sha) for ref, sha in known.all.items() if ref == prefix or ref.startswith(folder)]
        lines = self.run("for-each-ref", "--format=%(refname) %(objectname)", "--", prefix).splitlines()
        return [(ref, sha) for ref, _, sha in (line.partition(" ") for line in lines)]

    def update_ref(self, ref: str, new: str, old: str | None = None) -> bool:
        """Compare and swap; `old` of 40 zeros means "must not exist", None means "whatever it is"."""
        return self.call("update-ref", ref, new, *([old] if old is not None else [])).returncode == 0

    def delete_ref(self, ref: str) -> bool:
        return self.call("update-ref", "-d", ref).returncode == 0

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.call("merge-base", "--is-ancestor", older, newer).returncode == 0

    def touched(self, sha: str) -> dict[str, list[str]]:
        """Paths that a commit added, removed and modified, against its first parent."""
        lines = self.run("show", "--first-parent", "--no-renames", "--name-status", "--format=", sha).splitlines()
        fields = [line.split("\t", 1) for line in lines if line]
        kinds = {"added": "A", "removed": "D", "modified": "MT"}
        return {kind: [path for word, path in fields if word in letters] for kind, letters in kinds.items()}
