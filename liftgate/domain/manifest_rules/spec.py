"""Rules about the spec of an Argo CD Application: its destination, its project, its sync policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from liftgate.domain.common.names import is_ssh
from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.place import bare
from liftgate.domain.manifests.seen import App, Seen, placeholders
from liftgate.domain.manifests.text import Manifest

_FIXED: Final = re.compile(r"[0-9a-f]{40}|v?\d+\.\d+\.\d+")
_SECRET_TYPE: Final = "argocd.argoproj.io/secret-type"  # noqa: S105  a label


def destination(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001  every rule gets both
    keys, rule, written = ("destination",), "destination", one.spec.get("destination")
    fix = "Write destination: {server: https://kubernetes.default.svc, namespace: NAMESPACE}."
    if not isinstance(written, Mapping):
        yield one.finding(keys, rule, "spec.destination is missing: Kubernetes rejects the manifest", fix)
        return
    clusters = [key for key in ("server", "name") if written.get(key)]
    if not clusters:
        yield one.finding(keys, rule, "spec.destination names no cluster: Argo CD deploys nothing", fix)
    if len(clusters) > 1:
        yield one.finding(keys, rule, "spec.destination names a cluster twice, which Argo CD rejects", "Keep one.")
    if not written.get("namespace"):
        message = "spec.destination names no namespace: objects without a namespace cannot be applied"
        yield one.finding(keys, rule, message, fix, blocking=False)


def project(one: App, seen: Seen) -> Iterator[Finding]:
    keys, rule, written = ("project",), "project", one.spec.get("project")
    fix = "Name an AppProject that allows this repository and these namespaces only; liftgate manifests writes one."
    if not written:
        yield one.finding(keys, rule, "spec.project is missing: Kubernetes rejects the manifest", fix)
    if written == "default" and _is_for(one, seen.last, seen):
        message = f"{seen.last} is in the project default, which allows every repository, cluster and namespace"
        yield one.finding(keys, rule, message, fix, blocking=False)


def _is_for(one: App, environment: str, seen: Seen) -> bool:
    """Matches by name, path or namespace; an Application for all environments matches too."""
    everything = one.is_generated or any(True for _ in placeholders(one))
    names = {place.name for place in seen.places if place.environment == environment}
    words = re.split(r"[^A-Za-z0-9.]+", f"{one.name} {one.spec.get('source')} {one.spec.get('destination')}")
    return everything or one.name in names or environment in words


def placeholder(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001
    for keys, text in placeholders(one):
        yield one.finding(
            keys,
            "placeholder",
            f"{text} is literal text: Argo CD does not replace it, and looks for exactly that name",
            "Write an Application for each environment, or an ApplicationSet; liftgate manifests writes either.",
        )


def auto_sync(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001
    automated = one.at("syncPolicy").get("automated")
    keys, rule = ("syncPolicy", "automated"), "auto-sync"
    fix = "Write syncPolicy: {automated: {prune: true, selfHeal: true}}."
    if not isinstance(automated, Mapping) or automated.get("enabled", True) is False:
        message = "auto-sync is off: a person's commit waits until Liftgate or a person syncs"
        yield one.finding(keys, rule, message, fix, blocking=False)
        return
    if not automated.get("prune"):
        message = "without prune, objects removed from Git stay in the cluster and keep the Application OutOfSync"
        yield one.finding(keys, rule, message, fix, blocking=False)
    if not automated.get("selfHeal"):
        message = "without selfHeal, a change in the cluster stays until another commit overwrites it"
        yield one.finding(keys, rule, message, fix, blocking=False)


def fixed_revision(one: App, seen: Seen) -> Iterator[Finding]:
    for keys, source in one.sources:
        revision = str(source.get("targetRevision", ""))
        own = not source.get("chart") and seen.is_own(source)
        if own and _FIXED.fullmatch(revision):
            message = f"targetRevision {revision[:12]} never moves: no promotion reaches the cluster"
            yield one.finding((*keys, "targetRevision"), "fixed-revision", message, "Write a branch, like main.")


def credentials(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001
    for keys, source in one.sources:
        url = str(source.get("repoURL", ""))
        if bare(url) != url:
            message = f"the address of {bare(url)} contains credentials: everyone who reads the manifest has them"
            fix = "Create new ones, and put them into a Secret of Argo CD."
            yield one.finding((*keys, "repoURL"), "credentials", message, fix)


def private_repository(read: Sequence[App], manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """SSH addresses without a Secret in the manifests; each address once."""
    known = tuple(url for each in manifests if (url := _credential(each)))
    seen: set[str] = set()
    for one in read:
        for keys, source in one.sources:
            url = str(source.get("repoURL", ""))
            if is_ssh(url) and url not in seen and not url.startswith(known):
                seen.add(url)
                yield one.finding(
                    (*keys, "repoURL"), "repository-secret", _NEEDS_KEY.format(bare(url)), _KEY, blocking=False
                )


_NEEDS_KEY: Final = "Argo CD clones {} by SSH: without a Secret with the key, the Application stays Unknown"
_KEY: Final = (
    f"Apply a Secret with the label {_SECRET_TYPE}: repository, and in it type: git, url and sshPrivateKey; "
    "the server's host key belongs into argocd-ssh-known-hosts-cm."
)


def _credential(one: Manifest) -> str:
    """The address, or its beginning, of a repository's Secret."""
    labels = one.at("metadata", "labels")
    if one.kind != "Secret" or labels.get(_SECRET_TYPE) not in ("repository", "repo-creds"):
        return ""
    data: dict[str, Any] = one.at("stringData")
    return str(data.get("url", ""))
