"""What a person sends when they start a run from Prefect's form."""

from __future__ import annotations

from typing import Any, Final

from pydantic import AwareDatetime, Field, ValidationError

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.domain.runs.parameters import TEMPLATE, check_parameters
from liftgate.errors import Refused

LARGEST: Final = 600_000
"""Bytes of the body: the parameters' limit, and a little more."""
_REMOVED: Final = object()
"""For a value that the person cleared in the form."""


class Wanted(Value):
    """All that a person decides about a new run. A form's other fields (job variables, keys, …) are dropped."""

    parameters: dict[str, Json]
    name: str = Field(default="", max_length=500)
    tags: tuple[str, ...] = Field(default=(), max_length=50)
    begin: AwareDatetime | None = None


def read_form(body: bytes) -> Wanted:
    """Raises Refused for what is no such form, a template that Prefect would fill in, or an unstorable value."""
    sent = _object(body)
    taken = {
        "parameters": _filled(sent.get("parameters") or {}),
        "name": sent.get("name") or "",
        "tags": sent.get("tags") or (),
        "begin": _wanted_time(sent),
    }
    try:
        form = Wanted.model_validate(taken)
    except ValidationError as error:
        place = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"Prefect's form: {'.'.join(map(str, place['loc']))}: {place['msg']}") from None
    check_parameters(form.parameters)
    return form


def check_values(body: bytes) -> None:
    """Raise Refused if Prefect would fill in a template of these values: its answer could show a variable."""
    _filled(_object(body))


def _object(body: bytes) -> Any:
    try:
        value = loads(body, largest=LARGEST)
    except UnreadableJson as error:
        raise Refused(f"the request's body {error}") from None
    if not isinstance(value, dict):
        raise Refused("the request's body is not a JSON object")
    return value


def _wanted_time(sent: dict[str, Any]) -> Any:
    found: Any = sent
    for key in ("state", "state_details", "scheduled_time"):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _filled(value: Json) -> Any:
    """The value without Prefect's templates. The form sends JSON text as one; a template with another kind would let
    Prefect put in a value that the person never saw."""
    if isinstance(value, list):
        return [filled for each in value if (filled := _filled(each)) is not _REMOVED]
    if not isinstance(value, dict):
        return value
    if TEMPLATE not in value:
        return {key: filled for key, each in value.items() if (filled := _filled(each)) is not _REMOVED}
    if value[TEMPLATE] not in ("json", "none"):
        raise Refused("give plain values: Liftgate takes no template and no variable from Prefect's form")
    if "value" not in value:
        return _REMOVED
    given = value["value"]
    return _read(given) if value[TEMPLATE] == "json" and isinstance(given, str) else _filled(given)


def _read(text: str) -> Any:
    try:
        return _filled(loads(text, largest=LARGEST))
    except UnreadableJson as error:
        raise Refused(f"a value in Prefect's form {error}") from None
