"""Which pods of a resource tree count, and what keeps them from running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.argocd.pods import probe_failure, read_pods

CASES = Path(__file__).parents[2] / "cases" / "argocd"


def recorded(number: int) -> Any:
    [path] = CASES.glob(f"{number}-*.json")
    return json.loads(path.read_text())["response"]["body"]


def node(kind: str, name: str, owner: Any = None, **more: Any) -> dict[str, Any]:
    parents = [{"kind": owner["kind"], "name": owner["name"], "uid": owner["uid"]}] if owner else []
    return {"kind": kind, "name": name, "namespace": "prod", "uid": f"uid of {name}", "parentRefs": parents} | more


def revision(number: int) -> dict[str, Any]:
    return {"info": [{"name": "Revision", "value": f"Rev:{number}"}]}


def pod(name: str, owner: Any, reason: str, ready: str = "0/1", **more: Any) -> dict[str, Any]:
    info = [{"name": "Status Reason", "value": reason}, {"name": "Node"}, {"name": "Containers", "value": ready}]
    return node("Pod", name, owner, info=info, **more)


def labelled(digest: str) -> dict[str, Any]:
    return {"networkingInfo": {"labels": {"controller-revision-hash": digest}}}


def test_a_recorded_crash_loop_is_the_new_pods_and_not_the_old_ones() -> None:
    [found] = read_pods(recorded(313))
    assert (found.name, found.is_ready) == ("shop-869f6b789f-lshq5", False)
    assert found.failure == "ImagePullBackOff (back-off 10s restarting failed container)"


def test_a_recorded_healthy_application_has_ready_pods() -> None:
    assert [(one.is_ready, one.failure) for one in read_pods(recorded(303))] == [(True, "")]


WEB = node("Deployment", "web")
OLD, NEW = node("ReplicaSet", "web-old", WEB, **revision(9)), node("ReplicaSet", "web-new", WEB, **revision(10))
STORE = node("StatefulSet", "store")
STORES = [
    node("ControllerRevision", "store-a", STORE, **revision(1)),
    node("ControllerRevision", "store-b", STORE, **revision(2)),
]
AGENT = node("DaemonSet", "agent")
AGENTS = node("ControllerRevision", "agent-7f", AGENT, **revision(3))
JOB = node("Job", "test")


@pytest.mark.parametrize(
    ("nodes", "names"),
    [
        ([WEB, OLD, NEW, pod("o", OLD, "Error"), pod("n", NEW, "Error")], ["n"]),
        ([WEB, OLD, NEW, pod("gone", NEW, "Terminating")], []),
        ([NEW, pod("lost", {"kind": "ReplicaSet", "name": "x", "uid": "x"}, "Error")], ["lost"]),
        ([STORE, *STORES, pod("a", STORE, "Error", **labelled("store-a"))], []),
        ([STORE, *STORES, pod("b", STORE, "Error", **labelled("store-b"))], ["b"]),
        ([STORE, pod("unknown", STORE, "Error", **labelled("store-b"))], []),
        ([AGENT, AGENTS, pod("d", AGENT, "Error", **labelled("7f"))], ["d"]),
        ([node("Kafka", "k"), pod("of a kind without revisions", node("Kafka", "k"), "Error")], []),
        ([pod("alone", None, "Error")], ["alone"]),
    ],
)  # fmt: skip
def test_pods_of_the_newest_revision_count(nodes: list[Any], names: list[str]) -> None:
    assert [one.name for one in read_pods({"nodes": nodes})] == names


@pytest.mark.parametrize(
    ("reason", "fails", "fails_in_a_job"),
    [
        ("CrashLoopBackOff", True, False),
        ("Init:CrashLoopBackOff", True, False),
        ("Error", True, False),
        ("OOMKilled", True, False),
        ("ExitCode:137", True, False),
        ("ImagePullBackOff", True, True),
        ("ErrImagePull", True, True),
        ("InvalidImageName", True, True),
        ("CreateContainerConfigError", True, True),
        ("Init:0/1", False, False),
        ("ContainerCreating", False, False),
        ("PodInitializing", False, False),
        ("Pending", False, False),
        ("Running", False, False),
        ("Completed", False, False),
    ],
)
def test_a_containers_reason_says_whether_it_fails(reason: str, fails: bool, fails_in_a_job: bool) -> None:
    [web] = read_pods({"nodes": [WEB, NEW, pod("w", NEW, reason)]})
    [job] = read_pods({"nodes": [JOB, pod("j", JOB, reason)]})
    assert (bool(web.failure), bool(job.failure)) == (fails, fails_in_a_job)
    assert web.may_fail_its_probes is not fails


def test_an_empty_tree_has_no_pods() -> None:
    assert read_pods({}) == read_pods({"nodes": None}) == ()


def unhealthy(message: str) -> dict[str, Any]:
    return {"reason": "Unhealthy", "message": message}


READINESS = unhealthy("Readiness probe failed: 503")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], ""),
        ([unhealthy("Startup probe failed: not yet")], ""),
        ([READINESS, {"reason": "Pulled", "message": "pulled"}], "Readiness probe failed: 503"),
        ([READINESS, unhealthy("Liveness probe failed: 500")], "Liveness probe failed: 500"),
    ],
)  # fmt: skip
def test_a_startup_probe_is_allowed_to_fail(events: list[Any], said: str) -> None:
    assert probe_failure(events) == said
