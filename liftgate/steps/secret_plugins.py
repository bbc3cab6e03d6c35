"""The recognisers of detect-secrets, asked about single values."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any, Final

from liftgate.domain.secrets.secret_forms import is_plain
from liftgate.domain.secrets.secret_heuristics import is_commit, is_harmless

_SKIPPED: Final = frozenset(
    {
        "Base64HighEntropyString",  # entropy alone says nothing about digests, keys in public and identifiers
        "HexHighEntropyString",
        "KeywordDetector",  # reads lines of source code; names of keys are judged by our own rules
        "IPPublicDetector",  # an address is no secret
        "BasicAuthDetector",  # ours knows placeholders
        "TelegramBotTokenDetector",  # ours does not take the names of cloud resources for tokens
    }
)
_PIECE: Final = 1000
_OVERLAP: Final = 300
_LOCK: Final = Lock()


def recognised(text: str) -> str | None:
    """Whose secret it is, or None."""
    if is_plain(text) or is_harmless(text) or is_commit(text):
        return None
    for name, plugin in _plugins():
        if any(True for piece in _pieces(text) for _ in plugin.analyze_string(piece)):
            return f"a secret of the kind {name!r}"
    return None


def _pieces(text: str) -> list[str]:
    """Overlapping pieces of a long text, as some of the recognisers take quadratic time."""
    return [text[start : start + _PIECE] for start in range(0, max(len(text) - _OVERLAP, 1), _PIECE - _OVERLAP)]


def _plugins() -> tuple[tuple[str, Any], ...]:
    with _LOCK:
        return _loaded()


@cache
def _loaded() -> tuple[tuple[str, Any], ...]:
    """Once: detect-secrets keeps its settings in a global that threads must not share."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.settings import default_settings

    with default_settings():
        kinds: dict[str, Any] = get_mapping_from_secret_type_to_class()
        return tuple((name, kind()) for name, kind in kinds.items() if kind.__name__ not in _SKIPPED)
