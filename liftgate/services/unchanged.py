"""The applications for which a promotion's run would find nothing to do: found by a run's own rules, without a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, Protocol

from liftgate.domain.approval.requester import Origin
from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.deployer.drift import named
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.newest_commits import find_newest
from liftgate.integrations.git.read_ahead import read_ahead
from liftgate.services import begin, turns, verification
from liftgate.services.choose_release import check_release, choose_release, version_there
from liftgate.services.commit_plan import check_key
from liftgate.services.one_reading import one_reading
from liftgate.services.planning import unblocked_plan
from liftgate.services.ports import HasDeployer, HasOverview
from liftgate.services.proposals import by_pull_request
from liftgate.services.standing import nothing_to_change
from liftgate.services.verification import step_verdict, steps_of
from liftgate.steps.registry import check_names

log = logging.getLogger(__name__)


class Ports(verification.Ports, HasDeployer, HasOverview, Protocol):
    """What these use cases need."""


CHEAP: Final = frozenset({"json-lint", "schema-validation", "security-scan"})
"""Steps that look at nothing but the files in Git. Where others validate, each application gets its run."""


def unchanged(at: Ports, tree: ConfigSnapshot, environment: str, origin: Origin, reason: str) -> dict[str, GatedChange]:
    """By application the promotion that its run would end with "nothing to do". What cannot be looked at, or what the
    run would say something else about, is not among them.

    Argo CD and Prefect get one request each, or one for each page, however many applications there are.
    """
    try:
        look = _Look(at, tree, environment, origin, reason)
        look.check_all()
        found = [look.of(name) for name in look.ahead(look.candidates())]
    except LiftgateError as error:
        log.warning("Each application gets a run, because the night could not look first: %s", error)
        return {}
    return {change.application: change for change in found if change}


class _Look:
    """At all applications of one commit. What is the same for all of them is asked once."""

    def __init__(self, at: Ports, tree: ConfigSnapshot, environment: str, origin: Origin, reason: str) -> None:
        self.at = one_reading(at)
        self.tree, self.environment, self.origin, self.reason = tree, environment, origin, reason

    def check_all(self) -> None:
        """Raises Misconfigured for what every run refuses."""
        check_names(self.tree.configuration)
        check_key(self.at, self.tree)

    def candidates(self) -> Iterable[str]:
        """Those with no other promotion under way, for which Argo CD has every Application."""
        if {spec.name for spec in self.tree.configuration.pipeline.steps("validate")} - CHEAP:
            return ()
        busy = turns.busy(self.at, self.environment)
        there = self._there()
        return [name for name, needed in self._needed.items() if needed <= there and name not in busy]

    def ahead(self, candidates: Iterable[str]) -> list[str]:
        """The same, after git was asked for the values and the newest commits of all of them: for one after the other,
        that takes longer."""
        tree, place = self.tree, self.environment

        def paths(name: str) -> list[str]:
            return [*tree.base_paths(name).values(), *tree.paths(name, place).values()]

        names, groups = [*read_ahead(tree.repository, tree.commit, candidates, paths)], set[tuple[str, ...]]()
        for name in names:
            with suppress(LiftgateError):  # its run says what is wrong
                groups |= {tuple(tree.source_paths(name).values()), tree.pathspecs(name, place)}
        find_newest(tree.repository, tree.commit, groups)
        return names

    def of(self, name: str) -> GatedChange | None:
        """None where a run has to decide."""
        try:
            return self._nothing_to_do(name)
        except LiftgateError:
            return None  # its run says what is wrong
        except Exception:
            log.exception("%s gets a run, because the night could not look at it", name)
            return None

    @cached_property
    def _needed(self) -> dict[str, set[str]]:
        """The Argo CD Applications of each application."""
        return {name: {*names(self.tree.argocd(name, self.environment))} for name in self.tree.readable}

    def _there(self) -> set[str]:
        """Those that Argo CD has. Raises Misconfigured without Argo CD."""
        if self.at.overview is None:
            raise Misconfigured("no Argo CD: set LIFTGATE_ARGOCD__URL")
        ours = {each for needed in self._needed.values() for each in needed}
        return {named(seen, ours) for seen in self.at.overview.all()}

    def _nothing_to_do(self, name: str) -> GatedChange | None:
        at, entries = self.at, self.at.entries(name)
        asked = RunRequest(kind="promote", application=name, environment=self.environment, reason=self.reason)
        known: dict[str, Any] = {
            "id": self.origin.before,
            "requester": self.origin.requester,
            "requested_at": at.clock.now(),
            "previous": version_there(self.tree, name, self.environment),
        }
        release = choose_release(self.tree, entries, name, self.environment, asked.release)
        check_release(self.tree, entries, self.environment, release, asked.release)
        change = begin.change_of(self.tree, asked, release, known)
        if not unblocked_plan(at, change).is_empty or (by_pull_request(at, change) and self._merge_problem):
            return None
        verdicts = (step_verdict(at, change, spec) for spec in steps_of(at, change, "validate"))
        if any(verdict.failed or verdict.pending for verdict in verdicts):
            return None
        _, result = nothing_to_change(at, change)
        return change if result else None

    @cached_property
    def _merge_problem(self) -> str:
        return self.at.forge.merge_problem(self.at.git.branch)
