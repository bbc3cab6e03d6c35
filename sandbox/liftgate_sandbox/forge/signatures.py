"""Whether the forge believes a commit's signature, with GitHub's reasons: by SSH keys of people, and its own key."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import WEB_FLOW, Core
from liftgate_sandbox.forge.history import Commit
from liftgate_sandbox.forge.model import User
from liftgate_sandbox.forge.openpgp import PGP

SSH = "-----BEGIN SSH SIGNATURE-----"


def reason(core: Core, bare: Bare, commit: Commit) -> str:
    """`valid`, or why not. The key must be registered by the user whose e-mail the committer has."""
    if commit.signature is None:
        return "unsigned"
    if commit.signature.startswith(PGP) and commit.committer.email == WEB_FLOW.email:
        return "valid" if core.own_key.has_signed(_unsigned(bare, commit.sha), commit.signature) else "unknown_key"
    if not commit.signature.startswith(SSH):
        return "unknown_signature_type"
    owners = [user for user in core.store.users() if user.email == commit.committer.email]
    return _checked(bare, commit.sha, owners[0]) if owners else "no_user"


def all_signers(core: Core) -> str:
    """The keys of everybody, as ssh-keygen reads them."""
    return "".join(f'{user.email} namespaces="git" {key}\n' for user in core.store.users() for key in user.signing_keys)


def _unsigned(bare: Bare, sha: str) -> bytes:
    """Its bytes without the signature."""
    head, gap, text = bare.call("cat-file", "commit", sha).stdout.partition(b"\n\n")
    return re.sub(rb"\ngpgsig [^\n]*(\n [^\n]*)*", b"", head) + gap + text


def _checked(bare: Bare, sha: str, owner: User) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".signers") as allowed:
        allowed.writelines(f'{owner.email} namespaces="git" {key}\n' for key in owner.signing_keys)
        allowed.flush()
        signers = f"gpg.ssh.allowedSignersFile={Path(allowed.name)}"
        done = bare.call("-c", signers, "verify-commit", sha)
    if done.returncode == 0:
        return "valid"
    return "unknown_key" if b"No principal matched" in done.stdout + done.stderr else "invalid"
