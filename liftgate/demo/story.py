"""The example: a person approves a good release for prod; then a bad one breaks prod and is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from liftgate.demo.ending import Expectations, check_history
from liftgate.demo.invitation import Invitation
from liftgate.demo.people import nightly_form, press, start_nightly
from liftgate.demo.repository import BAD, GOOD
from liftgate.demo.watch import Watch
from liftgate.demo.world import World
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning import diff
from liftgate.integrations.http import client, json_of, send
from liftgate.integrations.runs.run import Run
from liftgate.services.notes import Notes

STEP = 300.0
"""Seconds without any progress after which the demo gives up. It waits for a person without a limit."""


class Story:
    """`by_itself`: a second sandbox person presses the buttons instead of the user."""

    def __init__(self, world: World, say: Callable[[str], None], *, by_itself: bool, colour: bool) -> None:
        self._world, self._say, self._by_itself, self._colour = world, say, by_itself, colour
        self.expect = Expectations()

    def tell(self) -> None:
        self._good()
        self._bad()
        check_history(self._world, self.expect)

    def _good(self) -> None:
        self._say(f"\n1. Rosa merges {GOOD} into configs/base, and starts the nightly promotion with Prefect's form")
        entry = self._lift(GOOD, "Promoted")
        self._holds(f"prod runs {GOOD}", self._serves("prod") == GOOD)
        asked = (entry.requested_by, entry.proof) if entry else ()
        self._holds("Liftgate has proved that Rosa requested it", asked == ("rosa", "server"))
        self._holds(
            "one person other than Rosa approved it, as the policy says",
            entry is not None and len(entry.approved_by) == 1 and "rosa" not in entry.approved_by,
        )

    def _bad(self) -> None:
        self._say(f"\n2. {BAD} needs a database; dev and staging have one, prod does not")
        entry = self._lift(BAD, "RolledBack")
        self._holds(f"staging runs {BAD}", self._serves("staging") == BAD)
        self._holds(f"prod runs {GOOD} again", self._serves("prod") == GOOD)
        self._holds("the application gave the reason", entry is not None and "database unreachable" in entry.reason)

    def _lift(self, version: str, ending: str) -> Entry | None:
        """From the merge to the end of prod's run, which should end in the state `ending`."""
        self._world.repository.release(version, f"example-app {version}")
        since = self._world.at.clock.now()
        watch = Watch(self._world, since, self._say)
        self._start(watch)
        for name in ("dev", "staging"):
            run = watch.until(name, "Promoted", within=STEP)
            self._holds(f"{name} was promoted by itself", run.state_name == "Promoted")
        waiting = watch.until("prod", "Suspended", within=STEP)
        self._holds("prod waits for a person", waiting.state_name == "Suspended")
        over = self._decided(watch, waiting, ending)
        self._holds(f"prod's run ended {ending}", over.state_name == ending)
        return watch.outcome("prod", over)

    def _start(self, watch: Watch) -> None:
        """Start the nightly run with Prefect's form: Rosa does, or the user as Rosa."""
        if self._by_itself:
            start_nightly(self._world, "rosa")
            return
        self._say("\n  Your turn: start it as Rosa. This link signs you in once; then press Submit:")
        invitation = Invitation(self._world.at, "rosa", nightly_form(self._world), self._say)
        watch.until("dev", "Promoted", "Running", within=inf, meanwhile=invitation.renew)

    def _decided(self, watch: Watch, run: Run, ending: str) -> Run:
        """The run after a person's decision, when it is over."""
        self._show_plan(run)
        if self._by_itself:
            self._say("         Grace presses Approve in Slack")
            answer = press(self._world, "grace", run.id, "approve")
            self._holds("the Liftgate server answers Slack's button click with 200", answer.get("status") == 200)
            return watch.until("prod", ending, within=STEP)
        self._say("\n  Your turn: approve it as Ada or Grace (Rosa wrote and requested it, so she may not)")
        self._say(f"    in Slack     {self._world.sandbox['urls']['slack']}")
        self._say("    or here, as Grace (this link signs you in once):")
        invitation = Invitation(self._world.at, "grace", f"/promotions/{run.id}", self._say)
        return watch.until("prod", ending, within=inf, meanwhile=invitation.renew)

    def _show_plan(self, run: Run) -> None:
        """Show the plan that people approve, from the run's notes."""
        for plan in Notes(self._world.at.runs, run.id).plans():
            shown = diff.plan_terminal(plan, colour=self._colour)
            self._say("\n" + "\n".join(f"    {line}" for line in shown.splitlines()) + "\n")

    def _serves(self, environment: str) -> str:
        """The version that the running application reports."""
        who = f"the application in {environment}"
        with client(self._world.sandbox["urls"][f"app-{environment}"], {}) as http:
            return str(json_of(send(http, who, "GET", "/config"), who)["version"])

    def _holds(self, claim: str, holds: bool) -> None:
        self.expect.check(claim, holds=holds)
