"""Commits rendered by Argo CD's REST without a sync: `GET …/manifests` takes any that is on the remote."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import httpx

from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.domain.argocd.transient_errors import is_of_files, is_passing, is_unseen
from liftgate.domain.common.names import repository_of
from liftgate.domain.rendered.rendered import Manifests
from liftgate.domain.secrets.error_excerpt import error_excerpt
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.deployer.rendering import Beside
from liftgate.integrations.deployer.rest import Rest, at, code_of, is_missing, manifests_in, rest_body, rest_failure
from liftgate.integrations.http import said_by

_WITHIN: Final = httpx.Timeout(10, read=100)
"""Seconds; Argo CD itself gives up after 90."""
_SHA: Final = re.compile(r"[0-9a-f]{40}")
_NOT_OURS: Final = re.compile(r"cannot reference a different revision of the same repository|repository not found")
"""Said of the Application, not of a commit."""


class ArgoCDManifests(Rest):
    """`repository` is the address of the one that commits go to: of several sources, those of that name get them."""

    def __init__(self, url: str, token: str, project: str, repository: str, *, verify: bool = True) -> None:
        super().__init__(url, token, project, verify=verify)
        self._repository = _known(repository)

    def beside(self, application: str, commit: str, head: str) -> Beside | None:
        found = self._get(application)
        if found is None:
            return None
        seen = read_snapshot(found)
        queries = [self._query_at(seen, head, keep=True), self._query_at(seen, commit, keep=False)]
        with ThreadPoolExecutor(max_workers=2) as pool:  # both at once: a repo-server works on each for a while
            now, proposed = pool.map(partial(self._manifests, application), queries)
        return None if now is None or proposed is None else Beside(now, proposed)

    def _query_at(self, seen: Snapshot, commit: str, *, keep: bool) -> dict[str, Any]:
        """Our sources at the commit; with `keep` only those of which Argo CD does not know what it compares."""
        compared = (*seen.revisions, *("",) * len(seen.sources))
        places = {
            number: revision if not is_ours or (keep and _SHA.fullmatch(revision)) else commit
            for number, (is_ours, revision) in enumerate(zip(self._ours(seen), compared, strict=False), 1)
        }
        known = {number: revision for number, revision in places.items() if revision or not seen.several}
        return at(known, several=seen.several)

    def _ours(self, seen: Snapshot) -> list[bool]:
        """A single source is ours by what it is for; raises Refused when none is."""
        if seen.sources and not seen.several:
            return [True]
        ours = [_known(source.rpartition("@")[0]) == self._repository for source in seen.sources]
        if not any(ours):
            raise Refused(f"none of the Application's sources is the repository {self._repository}")
        return ours

    def _manifests(self, application: str, query: dict[str, Any]) -> Manifests | None:
        query = self._query(application) | query
        response = self._send("GET", application, "/manifests", params=query, timeout=_WITHIN)
        if is_missing(response):
            return None
        if response.is_success or (response.status_code, code_of(response)) not in ((500, 2), (400, 9)):
            return Manifests(objects=tuple(manifests_in(rest_body(response))))
        return Manifests(broken=_broken(said_by(response), response))


def _broken(said: str, response: httpx.Response) -> str:
    """What is wrong with the commit; raises what the error means when it is not the commit's."""
    if not said:
        raise rest_failure(response)
    if _NOT_OURS.search(said):
        raise Refused(f"Argo CD: {error_excerpt(said)}")
    if is_unseen(said) or (is_passing(said) and not is_of_files(said)):
        raise Unavailable(f"Argo CD cannot render it now: {error_excerpt(said)}")
    return error_excerpt(said)


def _known(url: str) -> str:
    """A repository, however its address is spelled."""
    return repository_of(url).lower()
