"""Check the setup: settings, repository, keys, Argo CD, Prefect. Each problem is shown with its fix."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from liftgate import settings as configured
from liftgate.cli import connection, prefect_access
from liftgate.cli.answer import DONE, FAILED, Answer, paint, table
from liftgate.cli.doctor_clocks import check_clocks
from liftgate.cli.doctor_signatures import check_signatures
from liftgate.domain.argocd import argocd_token
from liftgate.domain.argocd.sync_waves import names as flat
from liftgate.domain.commits import signature
from liftgate.domain.common.names import is_ssh
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.config.application import Application
from liftgate.domain.manifest_rules.rollout import FIELD, complaint
from liftgate.domain.manifests.project import policies
from liftgate.domain.promotion.attempt import proposal_branch
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.forge import MERGES
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import programs_verdict, written
from liftgate.services.protect import Asked, protection_verdict
from liftgate.services.session import CALLBACK
from liftgate.steps.registry import check_names
from liftgate.wiring import Integrations

KEYS: Final = {"checks": "list of {check, state, reason}; state is passed, failed or not configured"}
_COLOURS: Final = {"passed": "green", "failed": "red", "not configured": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    del parser


def run(given: Any) -> Answer:
    """Changes nothing. All checks run, even if one fails."""
    del given
    found = {name: verdict for check, call in CHECKS.items() for name, verdict in _tried(check, call).items()}
    rows = [(name, verdict.state, verdict.reason) for name, verdict in found.items()]
    lines = [paint(line, _COLOURS.get(row[1], "dim")) for line, row in zip(table(rows), rows, strict=True)]
    bad = any(verdict.failed for verdict in found.values())
    data = {"checks": [{"check": name, "state": v.state, "reason": v.reason} for name, v in found.items()]}
    return Answer("\n".join(lines), data, FAILED if bad else DONE)


Check: TypeAlias = Callable[[], Verdict | Mapping[str, Verdict]]
"""One check, or several by their names."""


def _tried(name: str, check: Check) -> Mapping[str, Verdict]:
    try:
        found = check()
    except LiftgateError as error:
        found = failed("; ".join(str(error).splitlines()))
    return {name: found} if isinstance(found, Verdict) else found


def _at() -> Integrations:
    return Integrations(connection.settings())


def settings() -> Verdict:
    connection.settings()
    if wrong := configured.unknown(os.environ):
        return failed("; ".join(wrong))
    return passed("every LIFTGATE_ variable is a known setting with a valid value")


def repository() -> Verdict:
    tree, mine = connection.fetched(), connection.settings().repository
    how = " over SSH" if is_ssh(mine.url) else ""
    return passed(f"can be read{how}; {mine.branch} is at {tree.commit[:12]}")


def push() -> Verdict:
    """Of the sign-in alone: no rule of a branch is asked without a push."""
    connection.fetched()
    at = _at()
    at.git.check_push(f"refs/heads/{proposal_branch('doctor')}")
    return passed("the sign-in may push")


def configuration() -> Verdict:
    tree = connection.fetched()
    check_names(tree.configuration)
    return passed(f"{', '.join(tree.applications)} in {' → '.join(tree.configuration.order)}")


def worker_key() -> Verdict:
    key = signature.public_bytes(_at().worker_key)
    return _allowed(key, signature.WORKER, "LIFTGATE_WORKER__SIGNING_KEY")


def server_key() -> Verdict:
    at = _at()
    if not at.settings.server.signing_key.get_secret_value():
        return not_configured("people cannot vote yet: set LIFTGATE_SERVER__SIGNING_KEY where the Liftgate server runs")
    key = signature.public_bytes(at.server_key)
    return _allowed(key, signature.SERVER, "LIFTGATE_SERVER__SIGNING_KEY")


def sign_in() -> Verdict:
    """Whether people can sign in, and whether the OpenID Connect provider is the one in the settings."""
    at = _at()
    server, provider = at.settings.server, at.identity
    if provider is None:
        ways = "the proxy's header, and links" if server.trusted_header else "only links from liftgate approve"
        return not_configured(f"no OpenID Connect provider, {ways}: set LIFTGATE_SERVER__OIDC__ISSUER")
    provider.check()
    if not server.url:
        return failed("the provider sends people back to LIFTGATE_SERVER__URL, which is not set")
    back = at.address(CALLBACK)
    return passed(f"{provider.title} answers; its redirect URI for Liftgate must be {back}")


def database() -> Verdict:
    """Whether the Liftgate servers can share what they must remember."""
    at = _at()
    if not at.settings.server.database.get_secret_value():
        return passed("a SQLite file, enough for one Liftgate server; several need LIFTGATE_SERVER__DATABASE")
    at.database.check()
    return passed("answers")


def _allowed(key: bytes, namespaces: tuple[str, ...], setting: str) -> Verdict:
    """Whether the repository trusts the key's signatures."""
    missing = signature.missing(key, namespaces, connection.fetched().signers, _at().clock.now())
    if missing:
        line = signature.allowed_line("NAME", namespaces, key)
        return failed(f"{setting} is not allowed for {', '.join(missing)}; add to .liftgate/allowed_signers: {line}")
    return passed("in .liftgate/allowed_signers")


def ledger() -> Verdict:
    """Whether every file of the ledger can be read. Liftgate ignores those that cannot."""
    tree, at = connection.fetched(), _at()
    if unread := at.unread():
        return failed(f"{'; '.join(unread[:5])}; remove them from the branch liftgate/ledger")
    return passed(f"{len(at.entries())} outcomes at {tree.commit[:12]}")


def forge() -> Mapping[str, Verdict]:
    """What the forge itself allows. Where all is pushed, it does not matter how it would merge."""
    at = _at()
    found = dict(at.forge.inspect(at.git.branch))
    tree = connection.fetched()
    if (rules := at.forge.protection()) and not any(verdict.failed for verdict in found.values()):
        found["forge: protection"] = protection_verdict(Asked(rules, tree, at.git.branch, at.forge.login))
    policies_of = map(tree.configuration.policy_of, tree.configuration.order)
    if all(policy.deliver == "push" for policy in policies_of):
        return {name: verdict for name, verdict in found.items() if name != MERGES}
    return found


def argocd() -> Verdict:
    at = _at()
    if not at.settings.argocd.url:
        return failed("no Argo CD: set LIFTGATE_ARGOCD__URL")
    names, project = _applications(), at.settings.argocd.project
    try:
        missing = [name for name in names if at.deployer.get(name) is None]
    except LiftgateError as error:
        rights = isinstance(error, Misconfigured) and "permission denied" in str(error)
        return failed(_cause(at) or f"{error}{_policies(project) if rights else ''}")
    if missing:
        lacking = f"project {project} has no Argo CD Application {', '.join(missing)}; liftgate manifests writes them"
        return failed(_cause(at) or lacking)
    if forbidden := [name for name in names if not at.deployer.may_sync(name)]:
        return failed(f"the token may not sync {', '.join(forbidden)}{_policies(project)}")
    logs = [name for name, application in names.items() if "log-check" in application.checks]
    if forbidden := [name for name in logs if at.live and not at.live.may_read_logs(name)]:
        return failed(f"log-check may not read the logs of {', '.join(forbidden)}{_policies(project)}")
    return passed(f"{len(names)} Argo CD Applications can be read and synced")


def _cause(at: Integrations) -> str:
    """Which setting is wrong, and its right value; empty if unknown."""
    from liftgate.integrations.deployer import diagnosis

    argocd = at.settings.argocd
    return diagnosis.fault(argocd.url, verify=not argocd.insecure) or argocd_token.fault(
        argocd.token.get_secret_value(), argocd.project, at.clock.now()
    )


def rollouts() -> Verdict:
    """Only advice: it never fails."""
    at = _at()
    limit = at.settings.sync_deadline
    try:
        told = {
            f"{manifest['metadata']['name']} ({said})"
            for name in _applications()
            for manifest in (at.live.rendered(name) if at.live else ())
            if (said := complaint(manifest, limit))
        }
    except LiftgateError:
        return not_configured("Argo CD rendered no manifests to check")
    if told:
        return not_configured(f"set {FIELD}: 120 in the Deployment {'; '.join(sorted(told))}")
    return passed("every Deployment reports a failed rollout in time")


def _applications() -> dict[str, Application]:
    """By the name of the Argo CD Application."""
    tree = connection.fetched()
    return {
        one: application
        for name, application in tree.applications.items()
        for environment in tree.configuration.order
        for one in flat(tree.argocd(name, environment))
    }


def _policies(project: str) -> str:
    """The policies that the token's role needs, ready to copy."""
    return f"; give its role these policies (liftgate manifests writes them): {'; '.join(policies(project))}"


def prefect() -> Verdict:
    registry = connection.registry()
    if missing := registry.missing(("promote", "update", "rollback", "nightly", "take-over")):
        return failed(f"{', '.join(missing)} not registered; run: liftgate deploy")
    workers = registry.workers()
    if not workers:
        return failed(f"no worker is online in the pool {registry.name}; run: liftgate worker")
    return passed(f"the flows are registered; workers online in the pool {registry.name}: {len(workers)}")


def programs() -> Verdict:
    return programs_verdict(connection.registry(), written(project_root()))


def prefects_authentication() -> Verdict:
    connection.registry()
    return prefect_access.verdict(connection.api_url())


CHECKS: Final[dict[str, Check]] = {
    "settings": settings,
    "repository": repository,
    "push": push,
    "liftgate.json": configuration,
    "ledger": ledger,
    "worker's key": worker_key,
    "server's key": server_key,
    "signatures": check_signatures,
    "forge": forge,
    "sign-in": sign_in,
    "server's database": database,
    "Argo CD": argocd,
    "rollouts": rollouts,
    "Prefect": prefect,
    "programs": programs,
    "Prefect's authentication": prefects_authentication,
    "clocks": check_clocks,
}
