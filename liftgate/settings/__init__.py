"""All settings of an operator: environment variables `LIFTGATE_…`, with `__` between section and name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from liftgate.domain.common.nearest import nearest
from liftgate.errors import Misconfigured
from liftgate.settings.sections import (
    ArgoCD,
    Forge,
    Prefect,
    Prometheus,
    Repository,
    Section,
    Server,
    Slack,
    Sops,
    Worker,
)

PREFIX: Final = "LIFTGATE_"
_NO_SETTINGS: Final = frozenset({"DEBUG", "HOME", "SIGNER", "SUPERVISED_BY"})
"""Our variables that are not settings, without the prefix."""
_OF_A_CLUSTER: Final = re.compile(r"(.+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""Variables that Kubernetes sets in every container if the namespace has a Service named `liftgate…`."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True)

    repository: Repository = Repository()
    argocd: ArgoCD = ArgoCD()
    forge: Forge = Forge()
    slack: Slack = Slack()
    worker: Worker = Worker()
    server: Server = Server()
    prefect: Prefect = Prefect()
    prometheus: Prometheus = Prometheus()
    sops: Sops = Sops()
    state: Path = Path("~/.liftgate")
    """Folder for the repository's mirror; if it is lost, Liftgate clones again."""
    sync_deadline: float = 300.0
    """Seconds that a commit may take to be synced and healthy; then Liftgate rolls it back."""
    verify_deadline: float = 120.0
    """Seconds that all verification steps together may take."""
    gate_deadline: float = 259200.0
    """Seconds that a promotion may wait at a gate before it expires (3 days)."""


def load() -> Settings:
    """Read the environment; raises Misconfigured, which names all wrong variables but no value."""
    if wrong := _not_json(os.environ):
        raise Misconfigured("; ".join(wrong))
    try:
        return Settings()
    except ValidationError as error:
        lines = (_wrong(dict(item)) for item in error.errors(include_input=False, include_url=False))
        raise Misconfigured("; ".join(lines)) from None


def _not_json(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that must be JSON and is not."""
    given = {name.upper(): text for name, text in environ.items()}
    wanted = (variable(section, name) for section, name in names() if section and name in _JSON)
    return [f'{name} must be JSON, such as ["a", "b"]' for name in wanted if not _is_json(given.get(name, "null"))]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def names() -> Iterator[tuple[str, str]]:
    """Every setting: its section (or an empty string) and its name there."""
    models: dict[str, type[BaseModel]] = {"": Settings, **SECTIONS}
    for section, model in models.items():
        yield from ((section, name) for name, field in model.model_fields.items() if not _is_section(field))


def variable(section: str, name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(filter(None, (section, name))).upper()


def unknown(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each LIFTGATE_ variable that is not a setting, with the nearest setting's name."""
    known = {variable(section, name) for section, name in names()}
    sections = {variable(section, "") for section in SECTIONS}
    return [
        _unknown(name)
        for name in sorted(environ)
        if name.upper().startswith(PREFIX) and not _is_known(name.upper(), known | sections)
    ]


def _is_known(name: str, known: set[str]) -> bool:
    rest = name.removeprefix(PREFIX)
    below_a_mapping = name.startswith(f"{variable('worker', 'commands')}__")
    return name in known or below_a_mapping or rest in _NO_SETTINGS or bool(_OF_A_CLUSTER.fullmatch(rest))


def _unknown(name: str) -> str:
    return f"{name} is not a setting; {nearest(name.upper(), (variable(*each) for each in names()))}"


def _wrong(item: dict[str, Any]) -> str:
    """A sentence for one mistake that pydantic found, without the value."""
    name = variable("", "__".join(str(part) for part in item["loc"]))
    if item["type"] == "extra_forbidden":
        return _unknown(name)
    said = item["ctx"]["error"] if item["type"] == "value_error" else item["msg"]  # a validator's own sentence
    return f"{name}: {said}"


def from_variables(variables: Mapping[str, str]) -> Settings:
    """The settings that a child process with these variables would load."""
    nested: dict[str, Any] = {}
    for name, value in variables.items():
        *sections, key = name.removeprefix(PREFIX).lower().split("__")
        below = nested
        for section in sections:
            below = below.setdefault(section, {})
        below[key] = json.loads(value) if sections and key in _JSON else value
    return Settings(**nested)


def to_variables(settings: Settings) -> dict[str, str]:
    """The reverse: a variable for each setting that was set."""
    return {variable("", name): _text(value) for name, value in _flat(settings.model_dump(exclude_unset=True), "")}


def _flat(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{above}{name}"
        if path in SECTIONS:
            yield from _flat(value, f"{path}__")
        else:
            yield path, value


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.default, Section)


def _sections(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, type[Section]]]:
    for name, field in model.model_fields.items():
        if _is_section(field):
            path = f"{above}{name}"
            yield path, type(field.default)
            yield from _sections(type(field.default), f"{path}__")


SECTIONS: Final[Mapping[str, type[Section]]] = dict(_sections(Settings))
"""By its path, such as `server__oidc`."""
_JSON: Final = {
    key
    for section in SECTIONS.values()
    for key, field in section.model_fields.items()
    if isinstance(field.get_default(call_default_factory=True), dict | list)
}
"""Names of the settings whose variables hold JSON."""
