"""Everything an operator can configure, from environment variables `LIFTGATE_…` with `__` nesting."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from liftgate.domain.installation import DEFAULT, WANTED, is_name
from liftgate.domain.nearest import nearest
from liftgate.errors import Misconfigured

PREFIX: Final = "LIFTGATE_"
_NO_SETTINGS: Final = frozenset({"DEBUG", "HOME", "SUPERVISED_BY"})
"""Variables of ours that are none, without the prefix."""
_OF_A_CLUSTER: Final = re.compile(r"(.+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""What Kubernetes gives every container of a namespace with a Service whose name begins with `liftgate`."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repository(Section):
    url: str = ""
    """The configuration repository as git clones it: `https://…/owner/name.git` or a path."""
    branch: str = "main"
    """The branch Argo CD follows."""
    token: SecretStr = SecretStr("")
    """Sent as the password of HTTP sign-in; may push to the branch (and merge, with pull requests)."""
    user: str = "x-access-token"
    """User name of HTTP sign-in; some hosts ignore it, others want `oauth2`."""


class ArgoCD(Section):
    url: str = ""
    """Base address, e.g. `https://argocd.example.com`."""
    token: SecretStr = SecretStr("")
    """A project role's token with `get` and `sync` on the applications."""
    project: str = "default"
    """Sent with every call: without it a missing application looks like a forbidden one."""
    webhook_secret: SecretStr = SecretStr("")
    """Bearer token of Argo CD's notifications to the gatehouse."""
    failing_pods_seconds: float = 30.0
    """How long a new pod may fail (crash loop, image, configuration, probe) before the change is rolled back."""
    suspended: Literal["wait", "good", "failed"] = "wait"
    """What a paused rollout or suspended Job means after a sync: wait for a person, good enough, or failed."""
    insecure: bool = False
    """Accept a certificate that no trusted authority signed; for a test system only."""


class Forge(Section):
    kind: str = "git"
    """The product."""
    url: str = ""
    """API base of one's own server, e.g. `https://HOST/api/v3`; empty: the product's public one."""
    repository: str = ""
    """The repository's name there, e.g. `owner/name`; empty: taken from the repository's URL."""
    token: SecretStr = SecretStr("")
    """API token; empty: the repository's token."""
    webhook_secret: SecretStr = SecretStr("")
    """Signs the forge's webhooks to the gatehouse."""


class Slack(Section):
    bot_token: SecretStr = SecretStr("")
    """`xoxb-…` with `chat:write`; empty: messages go to the log instead."""
    signing_secret: SecretStr = SecretStr("")
    """Proves that a button was pressed in Slack."""
    app_token: SecretStr = SecretStr("")
    """`xapp-…` with `connections:write`: buttons come over a socket, and Slack needs no address of the gatehouse."""
    channel: str = ""
    """Channel id (`C…`) that hears of promotions."""
    url: str = "https://slack.com/api/"
    """Base of the Web API; another one for a laboratory."""


class Worker(Section):
    signing_key: SecretStr = SecretStr("")
    """OpenSSH Ed25519 private key, or the path of its file; signs commits and ledger entries."""
    name: str = "Liftgate"
    """Author of the commits."""
    email: str = "liftgate@localhost"
    """Author's address; the principal in `.liftgate/allowed_signers`."""
    commands: dict[str, list[str]] = Field(default_factory=dict)
    """Test commands by name: `liftgate.json` may name one, never define one."""


class Prometheus(Section):
    url: str = ""
    """Base address of the Prometheus that `metric-check` asks, e.g. `https://prometheus.example.com`."""
    token: SecretStr = SecretStr("")
    """Bearer token, where a proxy in front wants one."""


class Gatehouse(Section):
    url: str = ""
    """Address people reach it at; stands in messages."""
    signing_key: SecretStr = SecretStr("")
    """OpenSSH Ed25519 private key, or the path of its file; signs votes and requests."""
    email: str = "gatehouse@localhost"
    """The principal of that key in `.liftgate/allowed_signers`."""
    trusted_header: str = ""
    """Header in which a proxy in front names the signed-in person, by e-mail address or by the name at the forge."""
    trusted_proxies: list[str] = Field(default_factory=lambda: ["127.0.0.1"])
    """Addresses that header is believed from."""
    sweep_seconds: float = 2.0
    """How often dead runs are looked for."""
    drift_seconds: float = 15.0
    """How often Argo CD is asked for changes that did not come through Git: one request for the whole project."""


class Prefect(Section):
    api_url: str = ""
    """Prefect's REST API, e.g. `http://127.0.0.1:4200/api`; empty: `PREFECT_API_URL`."""
    auth_string: SecretStr = SecretStr("")
    """`user:password` of a server with basic authentication; empty: `PREFECT_API_AUTH_STRING`."""
    ui_url: str = ""
    """Address of the UI for links; empty: the API's without `/api`."""
    name: str = DEFAULT
    """This installation's: its work pool; its deployments and keys on the Prefect server begin with it."""
    database: SecretStr = SecretStr("")
    """Database of the server that `liftgate up` starts: an SQLAlchemy URL, or `sqlite`; empty: an embedded Postgres."""

    @field_validator("name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not is_name(name):
            raise ValueError(WANTED)
        return name


class Sops(Section):
    age_key: SecretStr = SecretStr("")
    """age secret key, or the path of its file, for the step `sops-decrypt`; nothing else needs one."""
    pass_on: list[str] = Field(default_factory=list)
    """Names of the worker's variables that sops gets for other kinds of keys, e.g. `VAULT_TOKEN`."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True)

    repository: Repository = Repository()
    argocd: ArgoCD = ArgoCD()
    forge: Forge = Forge()
    slack: Slack = Slack()
    worker: Worker = Worker()
    gatehouse: Gatehouse = Gatehouse()
    prefect: Prefect = Prefect()
    prometheus: Prometheus = Prometheus()
    sops: Sops = Sops()
    state: Path = Path("~/.liftgate")
    """Folder for the repository's mirror; losing it costs one clone."""
    sync_deadline: float = 300.0
    """Seconds from the commit until it must be synced and healthy; else it is rolled back."""
    verify_deadline: float = 120.0
    """Seconds the verification steps may take together."""
    gate_deadline: float = 259200.0
    """Seconds a gate stays open before the promotion expires (3 days)."""


def load() -> Settings:
    """Read the environment; raises Misconfigured naming every wrong variable at once, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (_wrong(dict(item)) for item in error.errors(include_input=False, include_url=False))
        raise Misconfigured("; ".join(lines)) from None


def names() -> Iterator[tuple[str, str]]:
    """Every setting: the section (empty for one without) and its name there."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            yield from ((name, below) for below in type(field.default).model_fields)
        else:
            yield "", name


def variable(section: str, name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(filter(None, (section, name))).upper()


def unknown(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none, with the nearest right name."""
    known = {variable(section, name) for section, name in names()}
    sections = {variable(section, "") for section, _ in names()}
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
    return f"{name} is no setting; {nearest(name.upper(), (variable(*each) for each in names()))}"


def _wrong(item: dict[str, Any]) -> str:
    """One mistake that pydantic found, without the value."""
    name = variable("", "__".join(str(part) for part in item["loc"]))
    if item["type"] == "extra_forbidden":
        return _unknown(name)
    said = item["ctx"]["error"] if item["type"] == "value_error" else item["msg"]  # a validator's own sentence
    return f"{name}: {said}"


def from_variables(variables: Mapping[str, str]) -> Settings:
    """The settings that a process with these variables would load, for one that starts such processes."""
    nested: dict[str, Any] = {}
    for name, value in variables.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if key:
            nested.setdefault(section, {})[key] = json.loads(value) if key in _JSON else value
        else:
            nested[section] = value
    return Settings(**nested)


def to_variables(settings: Settings) -> dict[str, str]:
    """The other way round: a variable for each setting that was set, however it was written in the environment."""
    found: dict[str, str] = {}
    for name, value in settings.model_dump(exclude_unset=True).items():
        below = {f"{name}__{key}": inner for key, inner in value.items()} if name in SECTIONS else {name: value}
        found |= {f"LIFTGATE_{path.upper()}": _text(inner) for path, inner in below.items()}
    return found


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


SECTIONS: Final[Mapping[str, type[Section]]] = {
    name: type(field.default) for name, field in Settings.model_fields.items() if isinstance(field.default, Section)
}
_JSON: Final = {
    key
    for section in SECTIONS.values()
    for key, field in section.model_fields.items()
    if isinstance(field.get_default(call_default_factory=True), dict | list)
}
"""Names of the settings whose variable is JSON."""
