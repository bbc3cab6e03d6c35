"""The exact commands for a person with an environment's key: Liftgate has no key and cannot run them."""

from __future__ import annotations

import json
import re
import shlex
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, split, step

_HARMLESS: Final = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f]+')
"""Keys that `sops set` can name: its path syntax has no escapes."""


def set_command(path: str, pointer: str, value: Json) -> str:
    """Reads the secret as JSON from its input, so that no list of processes shows it; `value` is the file's value."""
    where = _steps(pointer, value)
    if where is None:
        return edit_command(path)
    return f"sops set --value-stdin {shlex.quote(path)} {shlex.quote(where)}"


def edit_command(path: str) -> str:
    """For values that no other command can name; creates the file if there is none."""
    return f"sops edit {shlex.quote(path)}"


def encrypt_command(path: str) -> str:
    return f"sops encrypt --in-place {shlex.quote(path)}"


def convert_command(path: str) -> str:
    """Encrypts the file again by its current rule; no plain text touches the disk."""
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
