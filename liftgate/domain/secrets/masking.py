"""Foreign text, safe to show: one line, cut, with everything hidden that looks like a secret."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from liftgate.domain.secrets.secret import HIDDEN
from liftgate.domain.secrets.secret_forms import made_by
from liftgate.domain.secrets.secret_heuristics import is_commit, is_harmless, is_random, secret_heuristics

SHOWN: Final = 200

# Every repetition before another part is bounded: no text makes a search quadratic.
_PAIR = re.compile(
    r"(?P<key>[A-Za-z][\w.\-]{0,60})[\"']?\s{0,3}[=:]\s{0,3}"
    r"(?=(?P<value>\"[^\"]{1,1000}|'[^']{1,1000}|[^\s,;&\"'{}\[\]]{1,1000}))"
)
_SCHEME = re.compile(r"\b(?P<scheme>basic|bearer|token|digest)\s{1,3}[A-Za-z0-9+/=_.~\-]{8,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)(?P<user>[^\s/:@]{0,200}):[^\s/@]{1,500}@")
_PIECE = re.compile(r"[^\s\"'(){}\[\],;=&<>]{1,2000}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST = 4000
_REMEMBERED: Final = 200
"""The longest word that is remembered, in characters."""
_ACROSS_WORDS: Final = re.compile("[=:]|basic|bearer|token|digest|private key|flyv1", re.IGNORECASE)
"""In the text of each secret that begins in one word and goes on in the next."""


def readable(text: str, limit: int = SHOWN) -> str:
    """At most `limit` characters; masked before it is cut, so that no part of a secret remains."""
    line = masked(text[:_LONGEST])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def masked(text: str) -> str:
    """The whole text, masked, on one line."""
    return _masked(" ".join(text.split()))


def masked_text(text: str) -> str:
    """The same text, masked line by line: for sentences of ours in which a person's text may stand."""
    return "\n".join(map(_masked, text.split("\n")))


def masked_pointer(pointer: str) -> str:
    """A JSON pointer without the tokens that look like secrets: a secret may stand where a key should."""
    return "/".join(masked_key(token) for token in pointer.split("/"))


def masked_key(key: str) -> str:
    return HIDDEN if secret_heuristics("", key) or _is_random(key) else key


def _masked(line: str) -> str:
    if not _ACROSS_WORDS.search(line) and all(map(_is_surely_shown, line.split(" "))):
        return line
    return _masked_whole(line)


def _is_surely_shown(word: str) -> bool:
    """False where that is not known: a long word is not remembered."""
    return len(word) <= _REMEMBERED and _is_shown(word)


@lru_cache(maxsize=4096)
def _is_shown(word: str) -> bool:
    """Sentences of ours repeat the same words and paths."""
    return _masked_whole(word) == word


def _masked_whole(line: str) -> str:
    line = _USERINFO.sub(lambda found: f"{found['user']}:{HIDDEN}@", line) if "://" in line else line
    line = _SCHEME.sub(lambda found: f"{found['scheme']} {HIDDEN}", line)
    line = _PIECE.sub(_piece, _without_pairs(line))
    # If a form contains a space, like the first line of a private key, the whole line is hidden.
    return HIDDEN if made_by(line) else line


def _without_pairs(line: str) -> str:
    """A value may itself be a name with a value, so the search continues inside values."""
    if "=" not in line and ":" not in line:
        return line
    kept, shown = [], 0
    for found in _PAIR.finditer(line):
        value = found["value"].strip("\"'")
        if found.end("value") > shown and not value.startswith("//") and secret_heuristics(found["key"], value):
            kept += [line[shown : found.start("value")], HIDDEN]
            shown = found.end("value")
    return "".join([*kept, line[shown:]])


def _piece(found: re.Match[str]) -> str:
    return _hidden(found.group())


@lru_cache(maxsize=2048)
def _hidden(text: str) -> str:
    """Sentences repeat the same words and paths."""
    return HIDDEN if secret_heuristics("", text) or any(map(_is_random, re.split(r"[./]", text))) else text


def _is_random(text: str) -> bool:
    """Long, with many digits, and without a harmless form."""
    if len(text) < 20 or is_harmless(text) or is_commit(text) or _UUID.fullmatch(text):
        return False
    return is_random(text)
