"""Who changed which field: live objects against what a sync would make, and against what the last one made."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.drift.compare import Managed, compare_drift, key_of
from liftgate.domain.drift.drift import Compared
from tests.domain.argocd.test_snapshot import CASES


def web(replicas: Any = 1, image: str = "web:1", **meta: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", **meta},
        "spec": {"replicas": replicas, "containers": [{"name": "web", "image": image}]},
    }


def managed(live: Any, predicted: Any, target: Any = None) -> Managed:
    shown = live or predicted or target
    return Managed(
        object=f"{shown['kind']}/web", key=key_of(shown), live=live, predicted=predicted, target=target or predicted
    )


def told(found: Compared) -> tuple[list[str], tuple[str, ...]]:
    return [str(each) for each in found.cluster], found.git


def test_a_recorded_change_of_replicas_is_named() -> None:
    (path,) = CASES.glob("111-*.json")
    (item,) = json.loads(path.read_text())["response"]["body"]["items"]
    live, predicted, target = (
        json.loads(item[name]) for name in ("normalizedLiveState", "predictedLiveState", "targetState")
    )
    one = Managed(object="Deployment/app", key=key_of(target), live=live, predicted=predicted, target=target)
    assert told(compare_drift([one], None)) == (["Deployment/app: spec.replicas"], ())
    assert told(compare_drift([one], [target])) == (["Deployment/app: spec.replicas"], ())


def test_only_git_moved() -> None:
    assert told(compare_drift([managed(web(), web(image="web:2"))], [web()])) == ([], ("Deployment/web",))


def test_both_moved_in_different_fields_of_one_object() -> None:
    found = compare_drift([managed(web(replicas=5), web(image="web:2"))], [web()])
    assert told(found) == (["Deployment/web: spec.replicas"], ("Deployment/web",))


def test_a_commit_that_changes_nothing_here_hides_no_drift() -> None:
    found = compare_drift([managed(web(replicas=5), web())], [web()])
    assert told(found) == (["Deployment/web: spec.replicas"], ())


def test_a_deleted_object_was_there_at_the_last_sync() -> None:
    assert told(compare_drift([managed(None, None, web())], [web()])) == (["Deployment/web (deleted)"], ())
    assert told(compare_drift([managed(None, None, web())], None)) == (["Deployment/web (deleted)"], ())
    assert told(compare_drift([managed(None, None, web())], [])) == ([], ("Deployment/web",)), "new in Git"


def test_an_object_that_git_dropped_is_not_drift() -> None:
    gone = Managed(object="Deployment/web", key=key_of(web()), live=web(replicas=5), predicted=web(replicas=5))
    assert told(compare_drift([gone], [web()])) == ([], ("Deployment/web",))
    assert told(compare_drift([gone], [])) == ([], ())
    assert told(compare_drift([gone], None)) == ([], ())


def test_hooks_do_not_count() -> None:
    hook = web(annotations={"argocd.argoproj.io/hook": "PostSync"})
    assert compare_drift([managed(None, None, hook)], [hook]) == Compared()
    marked = managed(None, None, web()).copy_with(hook=True)
    assert compare_drift([marked], [web()]) == Compared()


def test_a_field_that_git_adds_where_the_server_had_a_default_is_gits() -> None:
    live = web() | {"spec": web()["spec"] | {"paused": False}}
    wanted = web() | {"spec": web()["spec"] | {"paused": True}}
    assert told(compare_drift([managed(live, wanted)], [web()])) == ([], ("Deployment/web",))


def test_what_the_server_writes_differently_is_nobodys_change() -> None:
    live, wanted = web(replicas="1"), web(replicas="2")
    assert told(compare_drift([managed(live, wanted)], [web(replicas="1000m")])) == ([], ("Deployment/web",))
    assert told(compare_drift([managed(live, wanted)], [web(replicas=1)])) == ([], ("Deployment/web",))


def test_no_value_ever_comes_out_and_a_secret_whose_stars_cannot_be_compared_is_not_guessed_at() -> None:
    def secret(value: str) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "data": {"password": value}}

    item = managed(secret("++++++++"), secret("+++++++++"))
    assert told(compare_drift([item], None)) == (["Secret/web: data.password"], ())
    assert told(compare_drift([item], [secret("+++")])) == ([], ("Secret/web",))
    clear = managed(secret("hunter2"), secret("hunter3"))
    assert "hunter" not in compare_drift([clear], None).model_dump_json()


LEAVES = st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]) | st.none()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=8,
)
SPECS = st.dictionaries(st.sampled_from("pqr"), TREES, max_size=3)


def thing(spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "web"}, "spec": copy.deepcopy(spec)}


@given(SPECS, SPECS)
def test_a_cluster_nobody_touched_has_not_moved(last: Any, now: Any) -> None:
    found = compare_drift([managed(thing(last), thing(now))], [thing(last)])
    assert found.cluster == ()
    assert bool(found.git) == (last != now)


@given(SPECS, SPECS)
def test_without_a_new_commit_every_difference_is_the_clusters(last: Any, live: Any) -> None:
    item = managed(thing(live), thing(last))
    assert bool(compare_drift([item], None).cluster) == (live != last)
    assert compare_drift([item], [thing(last)]).git == ()
