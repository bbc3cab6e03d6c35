"""Foreign text as people may see it: one line, cut, and what looks like a secret in it hidden."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.secret import HIDDEN
from liftgate.domain.suspicion import is_commit, is_harmless, is_random, suspicion
from liftgate.domain.suspicion_forms import made_by

SHOWN: Final = 200

# Every repetition before something else is bounded: no text makes a search quadratic.
_PAIR = re.compile(
    r"(?P<key>[A-Za-z][\w.\-]{0,60})[\"']?\s{0,3}[=:]\s{0,3}"
    r"(?=(?P<value>\"[^\"]{1,1000}|'[^']{1,1000}|[^\s,;&\"'{}\[\]]{1,1000}))"
)
_SCHEME = re.compile(r"\b(?P<scheme>basic|bearer|token|digest)\s{1,3}[A-Za-z0-9+/=_.~\-]{8,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)(?P<user>[^\s/:@]{0,200}):[^\s/@]{1,500}@")
_PIECE = re.compile(r"[^\s\"'(){}\[\],;=&<>]{1,2000}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST = 4000


def readable(text: str, limit: int = SHOWN) -> str:
    """At most `limit` characters; masked before it is cut, so that no half of a secret stays."""
    line = masked(text[:_LONGEST])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def masked(text: str) -> str:
    """All of it, on one line."""
    line = " ".join(text.split())
    line = _USERINFO.sub(lambda found: f"{found['user']}:{HIDDEN}@", line)
    line = _SCHEME.sub(lambda found: f"{found['scheme']} {HIDDEN}", line)
    line = _PIECE.sub(_piece, _without_pairs(line))
    # A form with a space in it, like the first line of a private key, is hidden with all around it.
    return HIDDEN if made_by(line) else line


def _without_pairs(line: str) -> str:
    """A value may itself be a name with a value, so values are looked at without being passed over."""
    kept, shown = [], 0
    for found in _PAIR.finditer(line):
        value = found["value"].strip("\"'")
        if found.end("value") > shown and not value.startswith("//") and suspicion(found["key"], value):
            kept += [line[shown : found.start("value")], HIDDEN]
            shown = found.end("value")
    return "".join([*kept, line[shown:]])


def _piece(found: re.Match[str]) -> str:
    text = found.group()
    return HIDDEN if suspicion("", text) or any(map(_is_random, re.split(r"[./]", text))) else text


def _is_random(text: str) -> bool:
    """Long, with digits all over it, and without the form of anything harmless."""
    if len(text) < 20 or is_harmless(text) or is_commit(text) or _UUID.fullmatch(text):
        return False
    return is_random(text)
