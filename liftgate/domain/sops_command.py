"""The exact commands with which whoever holds an environment's key does what Liftgate cannot and must not."""

from __future__ import annotations

import json
import re
import shlex
from typing import Final

from liftgate.domain.pointer import MISSING, split, step
from liftgate.domain.value import Json

_HARMLESS: Final = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f]+')
"""Keys that the path syntax of `sops set` can name: in it nothing is escaped."""


def set_command(path: str, pointer: str, value: Json) -> str:
    """Reads the secret as JSON from its input, so that it stands in no list of processes; `value` is the file's."""
    where = _steps(pointer, value)
    if where is None:
        return edit_command(path)
    return f"sops set --value-stdin {shlex.quote(path)} {shlex.quote(where)}"


def edit_command(path: str) -> str:
    """For what no other command can name; makes the file if there is none."""
    return f"sops edit {shlex.quote(path)}"


def encrypt_command(path: str) -> str:
    return f"sops encrypt --in-place {shlex.quote(path)}"


def convert_command(path: str) -> str:
    """Encrypts the file anew as its rule says now; no plain text touches the disk."""
    old, new = shlex.quote(path), shlex.quote(f"{path}.new")
    return f"sops decrypt {old} | sops encrypt --filename-override {old} > {new} && mv {new} {old}"


def update_keys_command(path: str) -> str:
    return f"sops updatekeys {shlex.quote(path)}"


def _steps(pointer: str, value: Json) -> str | None:
    steps = []
    for token in split(pointer):
        if isinstance(value, list):
            if step(value, token) is MISSING:
                return None
            steps.append(f"[{token}]")
        elif not _HARMLESS.fullmatch(token):
            return None
        else:
            steps.append(f"[{json.dumps(token, ensure_ascii=False)}]")
        value = step(value, token)
    return "".join(steps) or None
