"""The format checks of jsonschema, without the second that the grammar of IRIs costs, for which hardly anybody asks."""

from __future__ import annotations

import sys
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import FormatChecker

_GRAMMAR: Final = "rfc3987_syntax"
_RULES: Final = {"iri": "iri", "iri-reference": "iri_reference"}
_LOCK: Final = Lock()


def load() -> None:
    """Import jsonschema with the grammar out of its sight; nothing happens when it is imported already."""
    with _LOCK:
        if "jsonschema" in sys.modules or _GRAMMAR in sys.modules:
            return
        hidden: dict[str, Any] = {_GRAMMAR: None}
        sys.modules.update(hidden)
        try:
            import jsonschema  # noqa: F401  for its effect
        finally:
            del sys.modules[_GRAMMAR]


def checker(kind: Any) -> FormatChecker:
    """The validator class's checker; IRIs are checked too, by a grammar that is built at the first one."""
    found: FormatChecker = kind.FORMAT_CHECKER
    for name, rule in _RULES.items():
        if name not in found.checkers:
            found.checks(name)(partial(_fits, rule))
    return found


def _fits(rule: str, value: object) -> bool:
    if not isinstance(value, str):
        return True
    from rfc3987_syntax import is_valid_syntax

    return bool(is_valid_syntax(rule, value))
