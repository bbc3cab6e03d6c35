"""Strings from other people: forms of secrets that other scanners look for, and strings that are not secrets.

The benchmark reads them from installed packages; none of them is in the project.
"""

from __future__ import annotations

import encodings.aliases
import html.entities
import importlib
import importlib.metadata
import json
import locale
import mimetypes
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from liftgate.domain.common.value import Json

EACH = 5
"""Number of strings for each form."""
_DISTINCT = 8
_NEUTRAL = "setting"
_PUBLIC = ("pi_", "stripe_live_publishable_key", "credit_card_number", "twilio_account_sid", "SecretScanningSample")
"""Prefixes of forms that are not secret: phrases, public keys, numbers of cards and accounts."""
_TOOLS = ("classifinder-engine", "microsoft-security-utilities-secret-masker", "detect-secrets")


class Form(NamedTuple):
    """A pattern from another scanner, its name for it (`key`), and the group that is the secret."""

    key: str
    pattern: re.Pattern[str]
    group: str


def forms() -> dict[str, list[Form]]:
    """The forms by the package that publishes them."""
    registry = importlib.import_module("classifinder_engine.patterns.registry")
    importlib.import_module("classifinder_engine.scanner")
    rules = {rule.id: Form(rule.id, rule.regex, "secret") for rule in registry.PATTERN_REGISTRY}
    return {"classifinder-engine": _secret(rules.values()), _TOOLS[1]: _secret(_microsofts())}


def _microsofts() -> Iterator[Form]:
    for file in importlib.metadata.files(_TOOLS[1]) or ():
        if file.name == "HighConfidenceSecurityModels.json":
            for rule in json.loads(file.read_text()):
                yield Form(rule["Name"], re.compile(rule["Pattern"]), "refine")


def _secret(found: Iterable[Form]) -> list[Form]:
    return sorted((form for form in found if not form.key.startswith(_PUBLIC)), key=lambda form: form.key)


def secrets(form: Form) -> list[tuple[str, str]]:
    """At most EACH (pointer, secret), always the same ones for the same code.

    A form gets its own name only if its pattern needs one; all others get a neutral name.
    """
    one_case = re.compile(form.pattern.pattern.removeprefix("(?i)"), form.pattern.flags & ~re.IGNORECASE)
    found = (form.pattern.search(text) for text in _matching(one_case))
    texts = dict.fromkeys(each[form.group] for each in found if each)
    random = [text for text in texts if len(set(text)) >= _DISTINCT][:EACH]
    return [(f"/{_NEUTRAL if form.pattern.search(text) else form.key}", text) for text in random]


def _matching(pattern: re.Pattern[str]) -> list[str]:
    """Random matches; the simplest ones do not look like secrets: `000…`."""
    made: list[str] = []
    printable = st.characters(min_codepoint=32, max_codepoint=126)
    how = settings(
        max_examples=3 * EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @how
    @given(st.from_regex(pattern, fullmatch=True, alphabet=printable))
    def collect(text: str) -> None:
        made.append(text)

    collect()
    return made


def benign() -> dict[str, list[tuple[str, Json]]]:
    """(name, document) by kind; every string in them counts."""
    return {
        "JSON files of installed packages": list(_json_files()),
        "digests, links and requirements in packages' metadata": list(_metadata()),
        "names of time zones, languages, encodings, media types and domains": list(_names()),
    }


def _json_files() -> Iterator[tuple[str, Json]]:
    for file in _files():
        if file.suffix == ".json" and file.is_file():
            yield str(file), json.loads(file.read_text())


def _files() -> Iterator[Path]:
    for each in importlib.metadata.distributions():
        if each.name not in _TOOLS:
            yield from (Path(str(file.locate())) for file in each.files or ())


def _metadata() -> Iterator[tuple[str, Json]]:
    for each in importlib.metadata.distributions():
        headers = {name: value for name, value in each.metadata.json.items() if name != "description"}
        digests = {str(file): f"{file.hash.mode}={file.hash.value}" for file in each.files or () if file.hash}
        yield each.name, {"about": headers, "files": digests}


def _names() -> Iterator[tuple[str, Json]]:
    yield "time zones", {"timezone": sorted(zoneinfo.available_timezones())}
    yield "languages", {"locale": sorted({*locale.locale_alias, *locale.locale_alias.values()})}
    yield "encodings", {"encoding": sorted(encodings.aliases.aliases)}
    yield "entities", {"entity": sorted(html.entities.html5)}
    yield "media types", {"mediaType": sorted(chain(*mimetypes.types_map.items()))}
    domains = importlib.metadata.distribution("hypothesis").locate_file("hypothesis/vendor/tlds-alpha-by-domain.txt")
    yield "domains", {"host": [f"example.{line.lower()}" for line in Path(str(domains)).read_text().split()[11:]]}
