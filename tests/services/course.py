"""Promotions and rollbacks carried out by the use cases, step by step as the flows do: no process of Prefect runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PROMOTION_ID
from liftgate.domain.promotion.run_request import RunRequest, as_stored
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services import approvals, deployments, outcomes, proposals, rollbacks
from liftgate.services import begin as beginning
from liftgate.services.best_effort import catch_up
from liftgate.services.checks import worst
from liftgate.services.commit_plan import commit_once
from liftgate.services.notifications import tell
from liftgate.services.outcomes import Result
from liftgate.services.planning import planned
from liftgate.services.requests import start_for_person
from liftgate.services.verification import step_verdict, steps_of
from liftgate.wiring import Integrations
from tests.examples import WORKER, entry, text, values
from tests.lab import FLOWS, Lab, settings_of


@dataclass
class Course:
    """Over a lab that has Argo CD's Applications; `at` has runs in memory."""

    lab: Lab
    at: Integrations

    def another(self, **changes: Any) -> Course:
        """That of another worker of the installation, with other settings."""
        at = Integrations(self.at.settings.model_copy(update=changes))
        at.runs = self.at.runs
        at.git.fetch()
        return replace(self, at=at)

    def start(self, flow: str, **parameters: Any) -> str:
        """A run that no worker takes."""
        return self.at.runs.create(flow, {"application": "example-app"} | parameters).id

    def start_as(self, person: str, flow: str, **parameters: Any) -> str:
        """The same, of a proven requester."""
        return start_for_person(self.at, person, flow, {"application": "example-app"} | parameters).id

    def release(self, version: str) -> None:
        """It waits in the base."""
        self.lab.commit({"configs/base/values.json": text(values("base", version))})

    def begin(self, run: str) -> GatedChange:
        seen = self.at.runs.read(run)
        assert seen is not None
        return beginning.begin_change(self.at, run, seen, self.at.git.fetch(), as_stored(seen.flow, seen.parameters))

    def commit(self, change: GatedChange, *votes: str) -> GatedChange:
        """Planned, proposed where policy wants that, approved and committed."""
        plan = planned(self.at, change)
        proposals.propose(self.at, change, plan)
        for person in votes:
            self.lab.vote(change.id, person, plan=plan.hash)
        decision = approvals.gate(self.at, change, plan)
        assert decision.opens, decision
        revision = commit_once(self.at, change, plan, decision, lambda: passed(""))
        assert revision
        return change.opened(revision, decision.approved_by)

    def under_way(self, version: str, to: str = "dev") -> GatedChange:
        """The promotion of a new release that has its commit."""
        self.release(version)
        return self.commit(self.begin(self.start("promote", to=to)))

    def promote(self, version: str, to: str = "dev") -> Entry:
        return self.finish(self.under_way(version, to))

    def promoted(self, version: str) -> str:
        """The id of a promotion to dev that went well."""
        entry = self.promote(version)
        assert entry.outcome == "promoted", entry
        return entry.promotion

    def past(self, version: str) -> str:
        """The id of a promotion to dev as Git and the ledger have it afterwards: nothing was asked for it."""
        run, path = str(uuid4()), "configs/dev/values.json"
        said = f"Promote\n\n{PROMOTION_ID}: {run}\n{APPLICATION}: example-app\n{ENVIRONMENT}: dev\n"
        there = self.lab.json("dev")
        there["application"]["version"] = version
        files = {path: text(there), "configs/base/values.json": text(values("base", version))}
        sha = self.lab.commit(files, said, WORKER)
        release, moment = ConfigSnapshot(self.lab.remote, sha).newest_release("example-app"), self.at.clock.now()
        times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
        what = {"promotion": run, "environment": "dev", "version": version, "revision": sha, "times": times}
        outcome = entry(**what, release=release.id, source=release.source)
        git_branch.append_entry(self.lab.remote, outcome, {"": text(there)}, self.at.author, WORKER)
        self.at.git.fetch()
        return run

    def finish(self, change: GatedChange) -> Entry:
        """Synced and verified, or rolled back."""
        deployed = deployments.bring_to_cluster(self.at, change)
        if deployed.state == "superseded":
            return self.over(change, Result(outcome="superseded", reason=deployed.reason, deployed=deployed))
        return self.judge(change, deployed)

    def judge(self, change: GatedChange, deployed: Deployed) -> Entry:
        said = self.verified(change, deployed)
        if said.failed:
            return self.over(change, self.take_back(change, said.reason, deployed))
        return self.over(change, Result.good(change, deployed, said, self.at.clock.now()))

    def verdicts(self, attempt: Attempt) -> dict[str, Verdict]:
        """Of each step that verifies."""
        return {spec.name: step_verdict(self.at, attempt, spec) for spec in steps_of(self.at, attempt, "verify")}

    def verified(self, attempt: Attempt, deployed: Deployed) -> Verdict:
        if deployed.state != "deployed":
            return failed(deployed.reason)
        return worst(self.verdicts(attempt).values())

    def take_back(self, change: GatedChange, why: str, deployed: Deployed) -> Result:
        """By itself, in the same run."""
        try:
            entry = self.back(begin_taking_back(self.at, change, why))
        except Refused as error:
            return Result.taken_back(change, why, "rollback failed", str(error), seconds=0.0, deployed=deployed)
        return Result.taken_back(change, why, entry.outcome, entry.sentence, seconds=0.0, deployed=deployed)

    def roll_back(self, environment: str = "dev", **asked: Any) -> Entry:
        """By a person. Raises Refused."""
        return self.go_on_back(self.start("rollback", environment=environment, **asked))

    def go_on_back(self, run: str) -> Entry:
        return self.back(self.begin_back(run))

    def begin_back(self, run: str) -> Rollback:
        seen = self.at.runs.read(run)
        assert seen is not None
        return rollbacks.begin_rollback(self.at, run, as_stored(seen.flow, seen.parameters))

    def back(self, rollback: Rollback) -> Entry:
        """Raises Refused, with what people were told, where the worker may not push."""
        if rollback.entry:
            return rollback.entry
        plan = None
        with suppress(LiftgateError):  # what cannot be shown is rolled back all the same
            plan, _ = rollbacks.difference(self.at, rollback)
        try:
            rollback = rollbacks.revert_once(self.at, rollback)
        except Refused as error:
            raise Refused(rollbacks.call_people(self.at, rollback, str(error))) from error
        return self.finish_back(rollback, plan)

    def finish_back(self, rollback: Rollback, plan: Plan | None = None) -> Entry:
        """Of one that has its commit."""
        deployed = deployments.bring_to_cluster(self.at, rollback)
        said = self.verified(rollback, deployed)
        entry = self.over(rollback, Result.of_rollback(rollback, deployed, said, self.at.clock.now()), plan)
        if entry.outcome == "rollback failed":
            rollbacks.call_people(self.at, rollback, entry.reason)
        return entry

    def over(self, attempt: Attempt, result: Result, plan: Plan | None = None) -> Entry:
        """Recorded, and told."""
        entry = outcomes.record_once(self.at, attempt, result)
        page = self.at.page(entry.reverts or attempt.id)
        tell(self.at, attempt, announcement.ended(attempt, plan or result.plan, entry, page))
        catch_up()
        return entry

    def said(self) -> str:
        """In the chat."""
        return "\n".join(str(each.blocks) + each.text for each in self.lab.town.slack.store.state.messages)


def begin_taking_back(at: Integrations, change: GatedChange, why: str) -> Rollback:
    """The rollback that starts by itself."""
    asked = RunRequest(
        kind="rollback",
        application=change.application,
        environment=change.environment,
        promotion=change.id,
        reason=why,
    )
    return rollbacks.begin_rollback(at, str(uuid4()), asked)


def course_of(lab: Lab) -> Course:
    """In a lab whose flows run on Prefect: what was promoted before, without a run for each."""
    at, memory = Integrations(settings_of(lab)), InMemoryRuns(SystemClock())
    for flow in FLOWS:
        memory.deploy(at.settings.prefect.name, flow)
    at.runs = memory.runs(at.settings.prefect.name)
    return Course(lab, at)
