"""The signed-in user: who they are, and the keys they sign commits with."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge.api.call import Call, Reply, invalid
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.shapes import people


def get(call: Call) -> Reply:
    return Reply(people.me(call.core, call.user))


def list_keys(call: Call) -> Reply:
    return Reply([_key(call, place) for place in range(len(call.user.signing_keys))])


def add_key(call: Call) -> Reply:
    """An SSH public key, type and base64; its comment is dropped."""
    key = " ".join(call.text("key").split()[:2])
    if key.count(" ") != 1 or not key.startswith(("ssh-", "ecdsa-")):
        raise invalid("SSHSigningKey", "key is invalid. You must supply a key in OpenSSH public key format")
    if any(key in user.signing_keys for user in call.core.store.users()):
        raise invalid("SSHSigningKey", "key is already in use")
    changed = call.user.model_copy(update={"signing_keys": (*call.user.signing_keys, key)})
    call.core.store.put_user(changed)
    shape = {"id": len(changed.signing_keys), "key": key, "title": call.text("title", "")}
    return Reply({**shape, "created_at": now()}, 201)


def _key(call: Call, place: int) -> dict[str, Any]:
    return {"id": place + 1, "key": call.user.signing_keys[place], "title": "", "created_at": now()}
