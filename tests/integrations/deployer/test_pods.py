"""Pods that cannot run end the wait: with the container's reason, soon, and only those of what was deployed last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from liftgate_sandbox.argocd import Timings

from liftgate.domain.argocd.pods import Pod
from liftgate.domain.argocd.sync_assessment import Patience
from liftgate.errors import Misconfigured
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.pods import Pods
from liftgate.integrations.deployer.wait import Wait
from tests.integrations.deployer.histories.generator import START
from tests.integrations.deployer.histories.world import AUTOMATED, NAME, World

CRASHES = {"command": ["sh", "-c", "exit 1"]}
CANNOT_PULL = {"image": "registry.example.com/web:bad"}
NO_LIMIT = {"progressDeadlineSeconds": None}
"""As most manifests are written: Kubernetes then says after 600 s that a rollout does not go on."""
DEADLINE = 300.0
POLICIES = pytest.mark.parametrize("policy", [AUTOMATED, None], ids=["auto-sync", "by hand"])


@pytest.fixture
def world(policy: Any) -> Iterator[World]:
    """An Application that is deployed and quiet."""
    yield from deployed(World(START, policy=policy))


@pytest.fixture
def slow(policy: Any) -> Iterator[World]:
    """Its pods are ready only long after they were made."""
    yield from deployed(World(START, policy=policy, timings=Timings(pod_start=45.0)))


def deployed(made: World) -> Iterator[World]:
    made.create()
    made.simulation.advance(1)
    if not made.policy:
        made.sync()
    made.simulation.advance(60)
    yield made
    made.close()


def waited(world: World, ours: str, promotion: str = "p-1", **patience: Any) -> Deployed:
    wait = Wait(
        world.adapter, world.simulation, NAME, promotion, lambda one: world.standing(ours, one),
        patience=Patience(**patience),
    )  # fmt: skip
    return wait.until(DEADLINE)


@POLICIES
@pytest.mark.parametrize(
    ("pod", "reason"),
    [(CRASHES, "CrashLoopBackOff"), (CANNOT_PULL, "ImagePullBackOff")],
    ids=["crash loop", "no such image"],
)
def test_a_bad_version_without_a_progress_deadline_is_rolled_back_within_a_minute(
    world: World, pod: dict[str, Any], reason: str
) -> None:
    began = world.simulation.time
    ended = waited(world, world.push({"version": "2.0.0"}, pod=pod, **NO_LIMIT))
    assert ended.state == "failed"
    assert "pod web-" in ended.reason
    assert reason in ended.reason
    back = world.push(world.first)
    assert waited(world, back, "p-2").state == "deployed"
    assert world.is_deployed(back)
    assert world.simulation.time - began < 60


@POLICIES
def test_a_pod_whose_probe_fails_ends_the_wait_with_the_probes_words(world: World) -> None:
    ended = waited(world, world.push({"version": "2.0.0", "ill": "no database"}, **NO_LIMIT))
    assert ended.state == "failed"
    assert "Readiness probe failed: HTTP probe failed with statuscode: 503" in ended.reason


@POLICIES
def test_a_missing_configuration_is_named(world: World) -> None:
    missing = {"envFrom": [{"configMapRef": {"name": "nowhere"}}]}
    ended = waited(world, world.push({"version": "2.0.0"}, pod=missing, **NO_LIMIT))
    assert ended.state == "failed"
    assert 'CreateContainerConfigError (configmap "nowhere" not found)' in ended.reason


@POLICIES
def test_a_pod_that_recovers_in_time_is_deployed(world: World) -> None:
    missing = {"envFrom": [{"configMapRef": {"name": "late"}}]}
    ours = world.push({"version": "2.0.0"}, pod=missing, **NO_LIMIT)
    late = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late", "namespace": "prod"}, "data": {}}
    world.simulation.at(world.simulation.time + 22, lambda: world.argocd.cluster.objects.put(late))
    assert waited(world, ours).state == "deployed"


@POLICIES
def test_the_time_is_a_setting(world: World) -> None:
    began = world.simulation.time
    ended = waited(world, world.push({"version": "2.0.0"}, pod=CRASHES, **NO_LIMIT), pods=120.0)
    assert ended.state == "failed"
    assert 120 < world.simulation.time - began < 140


@POLICIES
def test_pods_of_the_version_before_do_not_count(slow: World) -> None:
    """They crash, and the commit that mends it starts slowly."""
    assert waited(slow, slow.push({"version": "2.0.0"}, pod=CRASHES, **NO_LIMIT)).state == "failed"
    mended = slow.push({"version": "2.0.1"}, **NO_LIMIT)
    ended = waited(slow, mended)
    assert (ended.state, slow.is_deployed(mended), ended.total > 40) == ("deployed", True, True)


@POLICIES
def test_a_tree_that_cannot_be_read_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> None:
        raise Misconfigured("Argo CD: permission denied")

    monkeypatch.setattr(world.adapter, "pods", away)
    ended = waited(world, world.push({"version": "2.0.0"}, pod=CRASHES, **NO_LIMIT))
    assert (ended.state, ended.reason) == ("timed out", "no verdict in time: the Argo CD Application is Progressing")


@POLICIES
def test_a_sync_that_waits_for_failing_pods_is_ended_and_holds_up_no_rollback(world: World) -> None:
    """A PostSync hook comes only after the Deployment is healthy, so the operation itself waits."""
    began = world.simulation.time
    ended = waited(world, world.push({"version": "2.0.0"}, pod=CRASHES, test="sleep 1", **NO_LIMIT))
    assert (ended.state, "CrashLoopBackOff" in ended.reason) == ("failed", True)
    back = world.push(world.first)
    assert waited(world, back, "p-2").state == "deployed"
    assert world.simulation.time - began < 60


@POLICIES
def test_a_worker_that_died_before_it_ended_such_a_sync_holds_up_nothing_either(world: World) -> None:
    world.push({"version": "2.0.0"}, pod=CRASHES, test="sleep 1", **NO_LIMIT)
    world.refresh()
    world.simulation.advance(1)
    if "operation" not in world.argocd.state.applications[NAME]:
        world.sync()
    world.simulation.advance(20)
    assert "operation" in world.argocd.state.applications[NAME]
    back = world.push(world.first)
    ended = waited(world, back)
    assert (ended.state, ended.total < 20) == ("deployed", True)


@POLICIES
def test_a_rollout_that_gave_up_says_what_its_pods_say(world: World) -> None:
    ended = waited(world, world.push({"version": "2.0.0"}, pod=CRASHES))
    assert ended.state == "failed"
    assert "Degraded (Deployment/web)" in ended.reason
    assert "CrashLoopBackOff" in ended.reason


@POLICIES
@pytest.mark.parametrize(
    ("setting", "state", "words"),
    [
        ("wait", "timed out", "a person must resume it"),
        ("good", "deployed", "which counts as good here"),
        ("failed", "failed", "which counts as failed here"),
    ],
)
def test_a_pause_that_people_made_is_what_the_setting_says(world: World, setting: str, state: str, words: str) -> None:
    ended = waited(world, world.push({"version": "2.0.0"}, paused=True), suspended=setting)
    assert (ended.state, words in ended.reason) == (state, True)
    assert "Suspended (Deployment/web)" in ended.reason


class Shown(ArgoCD):
    """Its tree has this one pod."""

    def __init__(self, pod: Pod) -> None:
        super().__init__("http://argocd.test", "token", "promo")
        self.pod = pod

    def pods(self, application: str) -> tuple[Pod, ...]:  # noqa: ARG002  there is one Application
        return (self.pod,)


BEGAN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "of_job", "under_way", "counts"),
    [
        (-60, False, False, True),
        (-60, False, True, False),
        (0, False, True, True),
        (-60, True, False, False),
        (5, True, False, True),
    ],
)
def test_only_pods_that_the_commit_brought_count(made: int, of_job: bool, under_way: bool, counts: bool) -> None:
    """Others are of the commit before, or of a hook of its."""
    created = BEGAN + timedelta(seconds=made)
    pods = Pods(Shown(Pod(name="w", uid="1", created=created, of_job=of_job, failure="ErrImagePull")), "app", 30.0)
    said = [pods.failing(float(now), BEGAN, under_way=under_way) for now in range(60)]
    assert bool(said[-1]) is counts
    assert not said[20]


def test_a_pod_that_is_ready_for_moments_between_two_crashes_has_not_recovered() -> None:
    crashing = Pod(name="w", uid="1", failure="CrashLoopBackOff")
    shown = Shown(crashing)
    pods = Pods(shown, "app", 30.0)
    for now in range(34):
        shown.pod = crashing if now % 10 else Pod(name="w", uid="1", is_ready=True)
        said = pods.failing(float(now), None, under_way=False)
    assert not said
    shown.pod = crashing
    assert "CrashLoopBackOff" in pods.failing(40.0, None, under_way=False)


def test_a_pod_that_stays_ready_has_recovered() -> None:
    shown = Shown(Pod(name="w", uid="1", failure="CrashLoopBackOff"))
    pods = Pods(shown, "app", 30.0)
    for now in range(10):
        pods.failing(float(now), None, under_way=False)
    shown.pod = Pod(name="w", uid="1", is_ready=True)
    for now in range(10, 50):
        pods.failing(float(now), None, under_way=False)
    shown.pod = Pod(name="w", uid="1", failure="Error")
    assert not pods.failing(54.0, None, under_way=False)
