"""The signed-in user: who they are, and the keys they sign commits with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from liftgate_sandbox.forge.api.call import Call, Reply, invalid, not_found
from liftgate_sandbox.forge.core import Core, now
from liftgate_sandbox.forge.model import User
from liftgate_sandbox.forge.shapes import people

LIMIT = 5000


def get(call: Call) -> Reply:
    return Reply(people.me(call.core, call.user))


def by_login(call: Call) -> Reply:
    """What everybody may know of a person."""
    return Reply(people.user(call.core, _person(call)))


def keys_of(call: Call) -> Reply:
    keys = _person(call).signing_keys
    return Reply([{"id": number, "key": key, "title": "", "created_at": now()} for number, key in enumerate(keys, 1)])


def team(call: Call) -> Reply:
    wanted = (call.path["organization"], call.path["slug"])
    found = [each for each in call.core.store.teams() if (each.organization, each.slug) == wanted]
    if not found:
        raise not_found()
    return Reply({"id": found[0].id, "slug": found[0].slug, "name": found[0].slug})


def _person(call: Call) -> User:
    found = [user for user in call.core.store.users() if user.login.lower() == call.path["login"].lower()]
    if not found:
        raise not_found()
    return found[0]


def limits(core: Core, user: User, *, counts: bool) -> dict[str, str]:
    """The headers that tell how many calls the user has left in this hour."""
    core.used[user.login] += counts
    return {f"x-ratelimit-{name}": str(number) for name, number in _core_limit(core, user).items()} | {
        "x-ratelimit-resource": "core"
    }


def rate_limit(call: Call) -> Reply:
    """The same as an answer; it costs nothing."""
    return Reply({"resources": {"core": _core_limit(call.core, call.user)}, "rate": _core_limit(call.core, call.user)})


def _core_limit(core: Core, user: User) -> dict[str, int]:
    used = core.used[user.login]
    reset = int(datetime.now(UTC).timestamp()) // 3600 * 3600 + 3600
    return {"limit": LIMIT, "remaining": max(0, LIMIT - used), "used": used, "reset": reset}


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
