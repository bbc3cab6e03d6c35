"""The whole update process in Git: a person's pull requests and a push, from the check to the outcome on the page.

The forge's pages and Liftgate's are read and pressed by a `Visitor`: over HTTP, or in a real browser.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from liftgate_sandbox.town import REPOSITORY

from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.promotion.take_over import FLOW
from liftgate.integrations.git.repository import Author
from liftgate.integrations.ledger import git_branch
from liftgate.server.state import ServerState
from liftgate.services.take_overs import TakeOvers
from tests.examples import NOW, WORKER, entry, text
from tests.lab import WAIT, configured
from tests.server.world import World, deployed_world, wait_until
from tests.services.by_hand import ask, begin
from tests.services.course import Course

PROD: Final = "configs/prod/values.json"
SECRET: Final = "a webhook's secret"
POLICY: Final = {"prod": {"after": [], "approvals": {"needed": 1, "from": ["ada", "grace"]}}}
ROSA: Final = Author(name="Rosa Park", email="rosa@example.com")


class Visitor(Protocol):
    def read(self, url: str, name: str) -> str:
        """What a person sees there; `name` is that of a picture."""

    def press(self, url: str, button: str) -> None:
        """A button of the forge, with its form around it."""


@dataclass
class Process:
    """`pull`: the page of the newest pull request."""

    world: World
    course: Course
    visitor: Visitor
    pull: str = ""

    @property
    def state(self) -> ServerState:
        state: ServerState = self.world.app.state.state
        return state

    def propose(self, branch: str, **changes: str) -> None:
        """A branch of rosa's with a change of prod, or one more commit of it; and its pull request."""
        lab = self.world.lab
        there = lab.json("prod")
        there["application"] |= {key: value for key, value in changes.items() if key == "version"}
        there["application"]["environment"]["configs"] |= {k: v for k, v in changes.items() if k != "version"}
        mirror, ref = lab.mirror("rosa", "rosa"), f"refs/heads/{branch}"
        main = mirror.fetch()
        tip = mirror.git.run("ls-remote", "origin", ref).out.decode()[:40]
        if tip:
            mirror.git("fetch", "--quiet", "origin", tip)
        said = f"Change {' and '.join(sorted(changes))} of prod\n"
        sha = mirror.write(tip or main, {PROD: text(there)}, said, NOW, ROSA, None)
        assert mirror.push(sha, ref, tip) == "pushed"
        if not tip:
            asked = {"title": "Change prod", "head": branch, "base": "main", "body": "Please look."}
            self.pull = str(ask(lab, "rosa", "POST", "/pulls", **asked)["html_url"])

    def push(self, **configs: str) -> None:
        """Past every pull request."""
        lab = self.world.lab
        there = lab.json("prod")
        there["application"]["environment"]["configs"] |= configs
        mirror = lab.mirror("rosa", "rosa")
        head = mirror.fetch()
        assert mirror.push(mirror.write(head, {PROD: text(there)}, "Quick\n", NOW, ROSA, None), mirror.ref, head)

    def checked(self, name: str) -> str:
        """The pull request's page after the server heard of it and checked it."""
        wait_until(self.state.pulls.changed.is_set)
        self.state.pulls.once()
        return self.visitor.read(self.pull, name)

    def press(self, who: str, button: str) -> None:
        self.visitor.press(f"{self.pull}?you={who}", button)

    def taken_over(self, name: str) -> tuple[Entry, str]:
        """The outcome of the newest change by hand, and the promotion's page; the run was begun by the webhook."""
        wait_until(self.state.looked.is_set)
        self.state.looked.clear()
        at, course = self.world.at, self.course
        at.git.fetch()
        assert len(TakeOvers(at).look()) == 1
        run = next(each for each in at.runs.find(flows=(FLOW,)).runs if not each.is_over)
        outcome = course.finish(begin(course, run))
        self.world.put(run.id, "COMPLETED" if outcome.good else "FAILED", "Promoted" if outcome.good else "RolledBack")
        at.git.fetch()
        return outcome, self.visitor.read(f"{self.world.url}/promotions/{run.id}", name)

    def board(self, name: str, wanted: str) -> str:
        """Once it shows the wanted text: a busy server shows an older one for a while."""
        until = time.monotonic() + WAIT
        while wanted not in (page := self.visitor.read(self.world.url, name)):
            assert time.monotonic() < until, page
            time.sleep(0.5)
        return page


@contextmanager
def update_process(folder: Path, visitor: Visitor) -> Iterator[Process]:
    """Prod was promoted once, and needs an approval; the forge calls the Liftgate server."""
    with deployed_world(folder, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        lab = world.lab
        lab.town.forge.add_webhook(REPOSITORY, f"{world.url}/webhooks/forge", SECRET)
        revision = lab.commit({"liftgate.json": text(configured(lab, policy=POLICY))})
        course = Course(lab, world.worker)
        course.at.git.fetch()
        release, moment = course.at.tree(revision).release_at("example-app", revision, [PROD]), course.at.clock.now()
        times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
        about: dict[str, Any] = {"environment": "prod", "version": "1.4.1", "revision": revision, "times": times}
        known = entry(**about, release=release.id, source=revision)
        git_branch.append_entry(course.at.git, known, {"": text(lab.json("prod"))}, course.at.author, WORKER)
        world.at.git.fetch()
        yield Process(world, course, visitor)


def carry_out(process: Process) -> None:
    """A mistake, mended, reviewed, merged and verified; one that breaks prod; one pushed past the gate."""
    process.propose("rosa/log", version="not a version", logLevel="debug")
    page = process.checked("pull-red")
    assert "failure liftgate" in page.lower()
    assert f"{PROD}:4:5" in page
    process.propose("rosa/log", logLevel="debug")
    page = process.checked("pull-waiting")
    assert "pending liftgate" in page.lower()
    assert "ada or grace" in page
    process.press("grace", "Approve")
    page = process.checked("pull-green")
    assert "success liftgate" in page.lower()
    process.press("rosa", "Merge")
    outcome, page = process.taken_over("promotion-by-hand")
    assert (outcome.outcome, outcome.bypassed) == ("promoted", ())
    for seen in ("Merged by hand by rosa.", "Reviewed at the forge by grace.", "logLevel"):
        assert seen in page
    process.board("board-verified", "Merged by hand by rosa.")

    good = process.world.lab.json("prod")
    process.propose("rosa/new", version="1.5.0")
    process.checked("pull-new-waiting")
    process.press("ada", "Approve")
    process.checked("pull-new-green")
    process.press("rosa", "Merge")
    outcome, page = process.taken_over("promotion-rolled-back")
    assert (outcome.outcome, process.world.lab.json("prod")) == ("rolled back", good)
    assert "Rolled back to 1.4.1 in" in page
    assert "database unreachable" in page
    process.board("board-rolled-back", "olled back to 1.4.1 in")

    process.push(logLevel="warn")
    outcome, page = process.taken_over("promotion-bypassed")
    assert (outcome.outcome, len(outcome.bypassed)) == ("promoted", 1)
    assert "Pushed by hand by rosa. Bypassed: " in page
    assert "No review at the forge counts. Bypassed: " in page
    assert "⚠️ Pushed by hand by rosa. Bypassed: " in process.course.said()
    process.board("board-bypassed", "Bypassed: ")
