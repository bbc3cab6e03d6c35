"""How many planted secrets the scan finds, and how many harmless values it takes for one."""

from __future__ import annotations

import json
from collections.abc import Iterable

from deployments.bench import strangers
from deployments.bench.timing import Row, table
from liftgate.domain.pointer import leaves
from liftgate.domain.rules import Rules
from liftgate.domain.value import Json
from liftgate.steps import security_scan
from liftgate.steps.context import Context
from tests.steps import corpus

_HALVES = "tuned on", "held out"


def report() -> str:
    """The section as Markdown."""
    planted, benign = corpus.planted(), corpus.benign()
    rows: list[Row] = [
        ("our own secrets (an upper bound: one author)", str(len(planted)), _share(planted), ""),
        ("our own look-alikes", str(len(benign)), "", str(sum(_is_found(*case) for case in benign))),
    ]
    for package, forms in strangers.forms().items():
        for half, name in enumerate(_HALVES):
            cases = [case for form in forms[half::2] for case in strangers.secrets(form)]
            rows.append((f"forms of `{package}`, {name}", str(len(cases)), _share(cases), ""))
    for name, documents in strangers.benign().items():
        strings = sum(isinstance(leaf, str) for _, value in documents for _, leaf in leaves(value, arrays=True))
        rows.append((name, f"{strings:,}", "", str(sum(_findings(value) for _, value in documents))))
    return _ABOUT + table(("strings", "number", "found", "false positives"), rows)


_ABOUT = f"""Who writes a scanner and its test finds everything. So most of these strings are others', read from
installed packages when this runs: {strangers.EACH} random strings of each form of a secret that two other scanners
publish, under a name that says nothing unless the form itself needs one; and what certainly is no secret.

One half of the forms was tuned on, form by form. For the other half nothing was changed, and what of it is missed was
not looked at, though the list of all forms was read; before, both halves were at 75 % and 8 %. The false positives
in the strings of others were looked at and mended, 20 of them, so the 0 there is no promise for other files.

"""


def _share(cases: Iterable[tuple[str, Json]]) -> str:
    found = [_is_found(*case) for case in cases]
    return f"{sum(found)} ({sum(found) / len(found):.0%})"


def _is_found(pointer: str, value: Json) -> bool:
    return bool(_count(corpus.values_with(pointer, value)))


def _findings(value: Json) -> int:
    return _count(json.dumps({"values": value}).encode())


def _count(data: bytes) -> int:
    context = Context(application="a", environment="dev", path="v.json", data=data, rules=Rules())
    if context.document.violations:
        raise SystemExit(f"not scanned: {context.document.violations[0]}")
    return len(security_scan.run(context).findings)
