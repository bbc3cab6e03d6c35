"""Check the set-up: settings, repository, keys, Argo CD, Prefect; each line that is not well says what to do."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final

from liftgate import settings as configured
from liftgate.cli import prefect_access, server
from liftgate.cli.answer import DONE, FAILED, Answer, paint, table
from liftgate.domain import argocd_token, signature
from liftgate.domain.manifests_project import policies
from liftgate.domain.manifests_rules_rollout import FIELD, complaint
from liftgate.domain.pipeline import Application
from liftgate.domain.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.waves import names as flat
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.steps.registry import check_names
from liftgate.wiring import Integrations

KEYS: Final = {"checks": "list of {check, state, reason}; state is passed, failed or not configured"}
_COLOURS: Final = {"passed": "green", "failed": "red", "not configured": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    del parser


def run(given: Any) -> Answer:
    """Nothing here is changed, and one check that fails stops no other."""
    del given
    found = {name: _tried(check) for name, check in CHECKS.items()}
    rows = [(name, verdict.state, verdict.reason) for name, verdict in found.items()]
    lines = [paint(line, _COLOURS.get(row[1], "dim")) for line, row in zip(table(rows), rows, strict=True)]
    bad = any(verdict.failed for verdict in found.values())
    data = {"checks": [{"check": name, "state": v.state, "reason": v.reason} for name, v in found.items()]}
    return Answer("\n".join(lines), data, FAILED if bad else DONE)


def _tried(check: Callable[[], Verdict]) -> Verdict:
    try:
        return check()
    except LiftgateError as error:
        return failed("; ".join(str(error).splitlines()))


def _at() -> Integrations:
    return Integrations(server.settings())


def settings() -> Verdict:
    server.settings()
    if wrong := configured.unknown(os.environ):
        return failed("; ".join(wrong))
    return passed("every LIFTGATE_ variable is a setting and can be read")


def repository() -> Verdict:
    tree = server.fetched()
    return passed(f"reached; {server.settings().repository.branch} is at {tree.commit[:12]}")


def configuration() -> Verdict:
    tree = server.fetched()
    check_names(tree.configuration)
    return passed(f"{', '.join(tree.applications)} in {' → '.join(tree.configuration.order)}")


def worker_key() -> Verdict:
    key = signature.public_bytes(_at().worker_key)
    return _allowed(key, (signature.COMMITS, signature.LEDGER), "LIFTGATE_WORKER__SIGNING_KEY")


def gatehouse_key() -> Verdict:
    at = _at()
    if not at.settings.gatehouse.signing_key.get_secret_value():
        return not_configured("nobody can vote here: set LIFTGATE_GATEHOUSE__SIGNING_KEY where the gatehouse runs")
    key = signature.public_bytes(at.gatehouse_key)
    return _allowed(key, (signature.VOTES, signature.DRIFT), "LIFTGATE_GATEHOUSE__SIGNING_KEY")


def _allowed(key: bytes, namespaces: tuple[str, ...], setting: str) -> Verdict:
    """Whether the repository believes what the key signs."""
    missing = signature.missing(key, namespaces, server.fetched().signers)
    if missing:
        line = signature.allowed_line("NAME", namespaces, key)
        return failed(f"{setting} is not allowed for {', '.join(missing)}; add to .liftgate/allowed_signers: {line}")
    return passed("in .liftgate/allowed_signers")


def ledger() -> Verdict:
    """Whether every file of it can be read; those that cannot are left out everywhere."""
    tree, at = server.fetched(), _at()
    if unread := at.unread():
        return failed(f"{'; '.join(unread[:5])}; remove them from the branch liftgate/ledger")
    return passed(f"{len(at.entries())} outcomes at {tree.commit[:12]}")


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
        lacking = f"no Application {', '.join(missing)} in project {project}; liftgate manifests writes them"
        return failed(_cause(at) or lacking)
    if forbidden := [name for name in names if not at.deployer.may_sync(name)]:
        return failed(f"the token may not sync {', '.join(forbidden)}{_policies(project)}")
    logs = [name for name, application in names.items() if "log-check" in application.checks]
    if forbidden := [name for name in logs if at.live and not at.live.may_read_logs(name)]:
        return failed(f"log-check may not read the logs of {', '.join(forbidden)}{_policies(project)}")
    return passed(f"{len(names)} applications can be read and synced")


def _cause(at: Integrations) -> str:
    """Which setting is wrong, and its right value; empty where that cannot be told."""
    from liftgate.integrations.deployer import diagnosis

    argocd = at.settings.argocd
    return diagnosis.fault(argocd.url, verify=not argocd.insecure) or argocd_token.fault(
        argocd.token.get_secret_value(), argocd.project, at.clock.now()
    )


def rollouts() -> Verdict:
    """Advice, which fails nothing."""
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
        return not_configured("Argo CD rendered nothing to look at")
    if told:
        return not_configured(f"write {FIELD}: 120 into the Deployment {'; '.join(sorted(told))}")
    return passed("every Deployment says in time that its rollout has failed")


def _applications() -> dict[str, Application]:
    """By what Argo CD calls them."""
    tree = server.fetched()
    return {
        one: application
        for name, application in tree.applications.items()
        for environment in tree.configuration.order
        for one in flat(tree.argocd(name, environment))
    }


def _policies(project: str) -> str:
    """What the role of the token should have, to be copied."""
    return f"; give its role these policies (liftgate manifests writes them): {'; '.join(policies(project))}"


def prefect() -> Verdict:
    registry = server.registry()
    if missing := registry.missing(("promote", "update", "rollback", "nightly")):
        return failed(f"{', '.join(missing)} not registered; run: liftgate deploy")
    workers = registry.workers()
    if not workers:
        return failed(f"no worker is online in the pool {registry.name}; run: liftgate worker")
    return passed(f"the flows are registered; {len(workers)} online in the pool {registry.name}")


def prefects_authentication() -> Verdict:
    server.registry()
    return prefect_access.verdict(server.api_url())


CHECKS: Final[dict[str, Callable[[], Verdict]]] = {
    "settings": settings,
    "repository": repository,
    "liftgate.json": configuration,
    "ledger": ledger,
    "worker's key": worker_key,
    "gatehouse's key": gatehouse_key,
    "Argo CD": argocd,
    "rollouts": rollouts,
    "Prefect": prefect,
    "Prefect's authentication": prefects_authentication,
}
