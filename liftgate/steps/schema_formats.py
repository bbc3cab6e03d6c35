"""The format checks of jsonschema, with a rule for IRIs that needs no grammar.

jsonschema's own rule builds the grammar when it is imported: two seconds in every process, Prefect's among them.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from jsonschema import FormatChecker

_PLANES: Final = "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
_UCSCHAR: Final = rf"\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef{_PLANES}\U000e1000-\U000efffd"
_IPRIVATE: Final = r"\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_ANYWHERE: Final = re.compile(f"[{_UCSCHAR}]")
_IN_A_QUERY: Final = re.compile(f"[{_UCSCHAR}{_IPRIVATE}]")
_RULES: Final = {"iri": "URI", "iri-reference": "URI_reference"}


def checker(kind: Any) -> FormatChecker:
    """The validator class's checker, with IRIs."""
    found: FormatChecker = kind.FORMAT_CHECKER
    for name, rule in _RULES.items():
        found.checks(name)(partial(_fits, rule))
    return found


def _fits(rule: str, value: object) -> bool:
    """An IRI is what becomes a URI when its other characters are percent-encoded (RFC 3987 §2.2 and §3.1)."""
    if not isinstance(value, str):
        return True
    from rfc3986_validator import validate_rfc3986

    before, number_sign, fragment = value.partition("#")
    path, question_mark, query = before.partition("?")
    uri = f"{_encoded(path)}{question_mark}{_encoded(query, _IN_A_QUERY)}{number_sign}{_encoded(fragment)}"
    return not uri.endswith("\n") and validate_rfc3986(uri, rule=rule) is not None


def _encoded(text: str, characters: re.Pattern[str] = _ANYWHERE) -> str:
    return characters.sub(lambda found: quote(found[0]), text)
