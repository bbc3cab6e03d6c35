"""The sections of the settings: an operator's variables, with types, defaults and explanations."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from liftgate.domain.common.installation import DEFAULT, WANTED, is_name
from liftgate.domain.common.names import is_network
from liftgate.domain.runs.capacity import LEAST, POOL


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repository(Section):
    url: str = ""
    """Address of the configuration repository for `git clone`: `https://…/owner/name.git`, `git@host:owner/name.git`,
    `ssh://…` or a path."""
    branch: str = "main"
    """The branch Argo CD follows."""
    token: SecretStr = SecretStr("")
    """Password for HTTP sign-in; it needs the right to push to the branch (and to merge pull requests)."""
    user: str = "x-access-token"
    """User name for HTTP sign-in; some hosts ignore it, others need `oauth2`."""
    ssh_key: SecretStr = SecretStr("")
    """Private key for SSH without a passphrase, or the path of its file; empty: the user's own SSH configuration."""
    known_hosts: str = ""
    """Host keys that SSH accepts, as lines of `known_hosts`, or the path of such a file; empty: the user's and the
    machine's. An unknown host is always refused."""


class ArgoCD(Section):
    url: str = ""
    """Base address, e.g. `https://argocd.example.com`."""
    token: SecretStr = SecretStr("")
    """A project role's token with `get` and `sync` on the Argo CD Applications."""
    project: str = "default"
    """Argo CD project, sent with every request: without it a missing Argo CD Application looks like a forbidden one."""
    webhook_secret: SecretStr = SecretStr("")
    """Bearer token that Argo CD's notifications send to the Liftgate server."""
    failing_pods_seconds: float = 30.0
    """Seconds that a new pod may fail (crash loop, image, configuration, probe) before the change is rolled back."""
    suspended: Literal["wait", "good", "failed"] = "wait"
    """What a paused rollout or suspended Job means after a sync: `wait` for a person, `good` enough, or `failed`."""
    insecure: bool = False
    """Accept a certificate that no trusted authority signed; only for a test system."""


class Forge(Section):
    kind: str = "git"
    """The product."""
    url: str = ""
    """API address, e.g. `https://HOST/api/v3`; empty: the product's own at the host of the repository's URL."""
    repository: str = ""
    """The repository's name on the forge, e.g. `owner/name`; empty: taken from the repository's URL."""
    token: SecretStr = SecretStr("")
    """API token; empty: the repository's token."""
    app_id: str = ""
    """Client id of an app that signs in instead of the token, for the API, and for git without a repository's token."""
    app_key: SecretStr = SecretStr("")
    """The app's private key as PEM, or the path of its file."""
    checks_deadline: float = Field(default=1800.0, ge=0, le=3000)
    """Seconds that required checks of a pull request may take from the moment its gates are open."""
    webhook_secret: SecretStr = SecretStr("")
    """Secret with which the forge signs webhooks to the Liftgate server."""


class Slack(Section):
    bot_token: SecretStr = SecretStr("")
    """`xoxb-…` with `chat:write`; empty: messages go to the log instead."""
    signing_secret: SecretStr = SecretStr("")
    """Slack's signing secret; it proves that a button click comes from Slack."""
    app_token: SecretStr = SecretStr("")
    """`xapp-…` with `connections:write`: button clicks come over a socket, so Slack does not need to reach the Liftgate
    server."""
    channel: str = ""
    """Id of the channel (`C…`) for messages about promotions; clicks in another channel do not count."""
    workspace: str = ""
    """Id of the workspace (`T…`) whose clicks count; empty: the workspace of the bot token."""
    url: str = "https://slack.com/api/"
    """Address of the Web API; change it only for a test system."""


class Worker(Section):
    signing_key: SecretStr = SecretStr("")
    """OpenSSH Ed25519 private key, or the path of its file; signs commits and ledger entries."""
    name: str = "Liftgate"
    """Author's name in commits."""
    email: str = "liftgate@localhost"
    """Author's e-mail address in commits; the principal in `.liftgate/allowed_signers`."""
    commands: dict[str, list[str]] = Field(default_factory=dict)
    """Test commands by name. `liftgate.json` can only name a command, not define one."""
    limit: int = Field(default=0, ge=0)
    """Runs that this worker has at once, at least 2: one place is reserved for a rollback. Further runs wait in the
    order of their schedule. 0: what fits the machine, 4 for each core, or fewer if it has little memory."""
    pass_on: list[str] = Field(default_factory=list)
    """Names of variables that the worker's flows get besides the known ones, e.g. for a step of your own."""

    @field_validator("limit")
    @classmethod
    def _has_room(cls, limit: int) -> int:
        if 0 < limit < LEAST:
            raise ValueError(f"{LEAST} is the least: one place is reserved for a rollback")
        return limit


class Prometheus(Section):
    url: str = ""
    """Base address of the Prometheus that `metric-check` queries, e.g. `https://prometheus.example.com`."""
    token: SecretStr = SecretStr("")
    """Bearer token, if a proxy in front of Prometheus requires one."""


class Oidc(Section):
    issuer: str = ""
    """Issuer of your OpenID Connect provider, exactly as its discovery document has it; empty: no sign-in there."""
    client_id: str = ""
    """Client id that the provider gave to Liftgate; its redirect URI is LIFTGATE_SERVER__URL with
    `/sign-in/oidc/callback`."""
    client_secret: SecretStr = SecretStr("")
    """Client secret; empty for a public client."""
    scopes: list[str] = Field(default_factory=lambda: ["openid", "email"])
    """Scopes that the claim needs."""
    claim: str = "email"
    """Claim that says who a person is: `email`, which counts only if the provider verified it, or any other, which is
    compared with `people.<name>.oidc` of `liftgate.json`."""
    name: str = ""
    """Name of the provider on the sign-in page; empty: its host."""


class Server(Section):
    url: str = ""
    """Address of the Liftgate server for people. Messages link to it, and pages accept forms only from it."""
    session_hours: float = Field(default=12.0, gt=0)
    """Hours until a person must sign in again."""
    database: SecretStr = SecretStr("")
    """Used sign-in links, ended sessions and replays: `postgresql://…` if several Liftgate servers run; empty: a SQLite
    file in LIFTGATE_STATE. It holds nothing else."""
    oidc: Oidc = Oidc()
    signing_key: SecretStr = SecretStr("")
    """OpenSSH Ed25519 private key, or the path of its file; signs votes and requests."""
    email: str = "server@localhost"
    """The principal of that key in `.liftgate/allowed_signers`."""
    trusted_header: str = ""
    """Header in which a proxy in front names the signed-in person: the e-mail address or the user name on the forge."""
    trusted_proxies: list[str] = Field(default_factory=lambda: ["127.0.0.1"])
    """Addresses of the proxies that may send this header, and `X-Forwarded-For`; or networks, as in `10.0.0.0/8`."""
    recovery_seconds: float = 2.0
    """Seconds between two searches for dead runs."""
    drift_seconds: float = 15.0
    """Seconds between two requests to Argo CD for changes that did not come through Git; one request covers the whole
    project."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, proxies: list[str]) -> list[str]:
        if wrong := [str(number) for number, each in enumerate(proxies, 1) if not is_network(each)]:
            entries = f"entry {wrong[0]} is" if len(wrong) == 1 else f"entries {', '.join(wrong)} are"
            raise ValueError(
                f"{entries} neither an address nor a network, as in 10.0.0.7 or 10.0.0.0/8; a name is never compared"
            )
        return proxies


class Prefect(Section):
    api_url: str = ""
    """Prefect's REST API, e.g. `http://127.0.0.1:4200/api`; empty: `PREFECT_API_URL`."""
    auth_string: SecretStr = SecretStr("")
    """`user:password` of a server with basic authentication; empty: `PREFECT_API_AUTH_STRING`."""
    ui_url: str = ""
    """Address of Prefect's pages for links; empty: `/prefect/` on the Liftgate server, or the API's without `/api`."""
    name: str = DEFAULT
    """Name of this installation on the Prefect server: its work pool, and the prefix of its deployments and keys."""
    database: SecretStr = SecretStr("")
    """Database of the server that `liftgate up` starts: an SQLAlchemy URL, or `sqlite`; empty: an embedded Postgres."""
    redis: SecretStr = SecretStr("")
    """`redis://…`, `rediss://…` or their `+sentinel` forms, if `liftgate up` runs on several hosts with one Postgres:
    it carries events and background work between their Prefect servers."""
    limit: int = Field(default=POOL, ge=LEAST)
    """Runs of this installation at once on all its workers; one place is reserved for a rollback. `liftgate deploy` and
    `up` set it in Prefect. The database connections of the server that `up` starts fit it."""
    retention_days: float = Field(default=30.0, ge=7)
    """Days that the Prefect server that `up` starts keeps a run after its end. The ledger keeps its outcome."""

    @field_validator("name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not is_name(name):
            raise ValueError(WANTED)
        return name


class Sops(Section):
    age_key: SecretStr = SecretStr("")
    """age secret key, or the path of its file; only the step `sops-decrypt` needs it."""
    pass_on: list[str] = Field(default_factory=list)
    """Names of the worker's variables that sops gets, for other kinds of keys, e.g. `VAULT_TOKEN`."""
