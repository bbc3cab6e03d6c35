"""What people and other runs change while a run is dead."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from liftgate_sandbox.forge import Protection
from liftgate_sandbox.town import BOT_TOKEN, CHANNEL, REPOSITORY
from sandbox_tests.plain import eventually, http
from slack_sdk import WebClient

from liftgate.domain.promotion.attempt import proposal_branch
from liftgate.errors import LiftgateError
from liftgate.integrations.git import pauses
from liftgate.integrations.ledger.git_branch import REF as LEDGER
from tests.committing import AUTHOR, MAIN
from tests.examples import NOW, text
from tests.lab import configured
from tests.services import by_hand
from tests.services.moved.keys import other_worker_key, stolen_worker_key, worker_key_removed
from tests.services.moved.scene import APP, BEFORE, NEW, NEWER, Scene

Change = Callable[[Scene], None]


def nothing(_: Scene) -> None:
    """A restart in an unchanged world."""


def newer_release(scene: Scene) -> None:
    scene.release(NEWER)


def source_reverted(scene: Scene) -> None:
    scene.release(BEFORE)


def more_approvals(scene: Scene) -> None:
    scene.configure(policy={"approvals": {"needed": 2, "from": ["ada", "grace"]}})


def no_approvals(scene: Scene) -> None:
    scene.policy.pop("approvals", None)
    scene.configure()


def freeze(scene: Scene) -> None:
    hourly = [{"cron": f"{minute} * * * *", "for": "59m", "timezone": "UTC"} for minute in (0, 30)]
    scene.configure(policy={"freeze": hourly})


def other_delivery(scene: Scene) -> None:
    now = scene.policy.get("deliver")
    scene.configure(policy={"deliver": "push" if now else "pull-request"})


def approver_gone(scene: Scene) -> None:
    """grace, who votes first, is no person of the team any more."""
    scene.voters = ("ada",)
    people = configured(scene.world.lab)["people"]
    del people["grace"]
    if "approvals" in scene.policy:
        scene.policy["approvals"] = scene.policy["approvals"] | {"from": ["ada"]}
    scene.configure(people=people)


def environment_owns_it(scene: Scene) -> None:
    """The values that the release brings are the environment's own now."""
    scene.configure(rules=[{"pointer": "/application/features/**", "owner": "own"}])


def other_version_pointer(scene: Scene) -> None:
    own = configured(scene.world.lab)["applications"][APP]
    scene.configure(applications={APP: own | {"version": "/application/name"}})


def renamed_application(scene: Scene) -> None:
    own = configured(scene.world.lab)["applications"][APP]
    scene.configure(applications={"store": own | {"was": APP, "argocd": f"{APP}-{{environment}}"}})


def moved_files(scene: Scene) -> None:
    """From values.json to config.json everywhere."""
    own = configured(scene.world.lab)["applications"][APP]
    files: dict[str, bytes | None] = {}
    for place in ("base", "dev", "staging", "prod"):
        found = scene.world.lab.remote.file(MAIN, f"configs/{place}/values.json")
        assert found is not None
        files |= {f"configs/{place}/values.json": None, f"configs/{place}/config.json": found.data}
        kustomization = scene.world.lab.remote.file(MAIN, f"configs/{place}/kustomization.yaml")
        if kustomization:
            data = kustomization.data.replace(b"[values.json]", b"[values.json=config.json]")
            files[f"configs/{place}/kustomization.yaml"] = data
    scene.world.lab.commit(files)
    scene.configure(applications={APP: own | {"values": "config.json"}})


def broken_configuration(scene: Scene) -> None:
    scene.world.lab.commit({"liftgate.json": b'{"environments": '})


def unknown_step(scene: Scene) -> None:
    """As of a worker that has a team's own steps, and another one that has them not."""
    scene.configure(pipeline={"stages": [{"name": "verify", "steps": ["of-our-own"]}]})


def stricter_schema(scene: Scene) -> None:
    """Only the version before fits it."""
    own = configured(scene.world.lab)["applications"][APP]
    version = {"properties": {"application": {"properties": {"version": {"enum": [BEFORE]}}}}}
    scene.world.lab.commit({"schemas/values.schema.json": text(version)})
    scene.configure(applications={APP: own | {"schema": "schemas/values.schema.json"}})


def paused(scene: Scene) -> None:
    pauses.add_pause(scene.world.lab.remote, "", "incident 7", AUTHOR, NOW)


def branch_protected(scene: Scene) -> None:
    """An administrator lets in nothing but reviewed pull requests."""
    scene.world.lab.town.forge.protect(REPOSITORY, "main", Protection(approvals=1))


def renamed_environment(scene: Scene) -> None:
    written = configured(scene.world.lab)
    places = {"development" if name == "dev" else name: folder for name, folder in written["environments"].items()}
    lab, app = scene.world.lab, written["applications"][APP]
    applications = {APP: app | {"argocd": f"{APP}-dev"}}
    lab.commit({"liftgate.json": text(written | {"environments": places, "applications": applications})})


def removed_application(scene: Scene) -> None:
    """Taken out of `liftgate.json`, with its values."""
    places = ("base", "dev", "staging", "prod")
    scene.configure(applications={"other": {}})
    scene.world.lab.commit({f"configs/{place}/values.json": None for place in places})


def another_promotion(scene: Scene) -> None:
    """Of a newer release, to its end if it is let in."""
    scene.release(NEWER)
    with suppress(LiftgateError, AssertionError):
        scene.course.promote(NEWER)


def rolled_back_by_a_person(scene: Scene) -> None:
    with suppress(LiftgateError):
        scene.course.roll_back()


def back_to_the_first(scene: Scene) -> None:
    with suppress(LiftgateError):
        scene.course.roll_back(back_to=scene.first)


def by_hand_elsewhere(scene: Scene) -> None:
    """A person changed another value of the same file."""
    by_hand.push(scene.world.lab, log={"level": "debug"})


def by_hand_same(scene: Scene) -> None:
    """A person changed the value that the run changes."""
    by_hand.push(scene.world.lab, version="1.4.9", cache={"ttl": 9})


def same_values_by_hand(scene: Scene) -> None:
    """A person brings the release, as after a squash merge."""
    by_hand.push(scene.world.lab, version=NEW)


def reverted_by_hand(scene: Scene) -> None:
    """The newest commit of dev's values is taken back by a person."""
    found = scene.world.lab.remote.log(MAIN, paths=("configs/dev/values.json",), limit=1)[0]
    before = scene.world.lab.remote.file(found.parents[0], "configs/dev/values.json")
    assert before is not None
    by_hand.commit(scene.world.lab, {"configs/dev/values.json": before.data})


def rewritten(scene: Scene) -> None:
    """A force-push takes the newest commit of dev's values off the branch; the later ones stay."""
    lab = scene.world.lab
    found = lab.remote.log(MAIN, paths=("configs/dev/values.json",), limit=1)[0]
    lab.push(found.parents[0])


def pull_request_closed(scene: Scene) -> None:
    if pull := _pull(scene):
        by_hand.ask(scene.world.lab, "ada", "PATCH", f"/pulls/{pull.number}", state="closed")


def pull_request_merged(scene: Scene) -> None:
    if (pull := _pull(scene)) and pull.state == "open":
        eventually(lambda: _is_mergeable(scene, pull.number), within=10)
        by_hand.merge(scene.world.lab, {"number": pull.number})


def _is_mergeable(scene: Scene, number: int) -> bool:
    return bool(by_hand.ask(scene.world.lab, "ada", "GET", f"/pulls/{number}")["mergeable"])


def _pull(scene: Scene) -> Any:
    return scene.world.at.forge.find(proposal_branch(scene.run), "main")


def branches_removed(scene: Scene) -> None:
    bare = scene.world.lab.town.forge.bare(REPOSITORY)
    for name in (proposal_branch(scene.run), f"liftgate/preview/{scene.run}"):
        ref = f"refs/heads/{name}"
        if old := bare.ref(ref):
            scene.world.lab.remote.git("update-ref", "-d", ref)
            scene.world.lab.town.forge.pushed(REPOSITORY, "ada", ref, old, "")


def argocd_application_deleted(scene: Scene) -> None:
    town = scene.world.lab.town
    admin = {"Authorization": f"Bearer {town.argocd.admin_token()}", "Content-Type": "application/json"}
    address = f"{town.urls['argocd']}/api/v1/applications/{APP}-dev"
    http.delete(address, headers=admin, params={"cascade": "false"}).raise_for_status()


def argocd_application_renamed(scene: Scene) -> None:
    argocd_application_deleted(scene)
    scene.world.lab.town.deploy("renamed")
    own = configured(scene.world.lab)["applications"][APP]
    scene.configure(applications={APP: own | {"argocd": "renamed-{environment}"}})


def message_deleted(scene: Scene) -> None:
    client = WebClient(token=BOT_TOKEN, base_url=f"{scene.world.lab.town.urls['slack']}/api/")
    for each in scene.world.lab.town.slack.store.state.messages:
        if each.thread_ts is None:
            client.chat_delete(channel=CHANNEL, ts=each.ts)


def ledger_removed(scene: Scene) -> None:
    bare = scene.world.lab.town.forge.bare(REPOSITORY)
    if bare.ref(LEDGER):
        scene.world.lab.remote.git("update-ref", "-d", LEDGER)


def mirror_lost(scene: Scene) -> None:
    shutil.rmtree(scene.world.worker.git.directory)


ALL: Final[tuple[Change, ...]] = (
    nothing,
    newer_release,
    source_reverted,
    more_approvals,
    no_approvals,
    freeze,
    other_delivery,
    approver_gone,
    environment_owns_it,
    other_version_pointer,
    renamed_application,
    moved_files,
    broken_configuration,
    unknown_step,
    stricter_schema,
    paused,
    branch_protected,
    renamed_environment,
    removed_application,
    another_promotion,
    rolled_back_by_a_person,
    back_to_the_first,
    by_hand_elsewhere,
    by_hand_same,
    reverted_by_hand,
    rewritten,
    other_worker_key,
    stolen_worker_key,
    worker_key_removed,
    pull_request_closed,
    pull_request_merged,
    same_values_by_hand,
    branches_removed,
    argocd_application_deleted,
    argocd_application_renamed,
    message_deleted,
    ledger_removed,
    mirror_lost,
)
NAMED: Final = {each.__name__.replace("_", " "): each for each in ALL}
