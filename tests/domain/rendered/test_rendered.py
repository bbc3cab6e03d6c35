"""Two renderings beside each other: which objects changed, and that no secret is in what people see."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from hypothesis import strategies as st

from liftgate.domain.argocd.manifest import LAST_APPLIED
from liftgate.domain.common.value import Json
from liftgate.domain.rendered.rendered import Manifests, Rendered, compare_rendered
from liftgate.domain.rendered.text import rendered_markdown, rendered_terminal, rendered_verdict
from tests.domain.manifest_pairs import changes, config_map, fields, thing, web
from tests.domain.properties import MARK, documents, holds
from tests.examples import NOW


def rendered(*parts: Any, **more: Any) -> Rendered:
    return Rendered.model_validate({"plan": "p", "head": "h", "at": NOW, "parts": parts} | more)


def test_objects_come_go_and_change_and_are_told_by_name() -> None:
    found = changes([web(), thing("Service", "old")], [web("web:2"), thing("Service", "new", spec={"port": 80})])
    assert [(each.kind, each.object) for each in found] == [
        ("add", "Service/new"),
        ("remove", "Service/old"),
        ("replace", "Deployment/web"),
    ]
    (port,) = found[0].fields
    assert (port.pointer, port.after) == ("/spec/port", "80")


def test_one_kind_of_two_groups_is_two_objects() -> None:
    knative = thing("Service", "web") | {"apiVersion": "serving.knative.dev/v1"}
    assert [each.kind for each in changes([thing("Service", "web")], [knative])] == ["remove", "add"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_a_hashed_name_is_the_same_object_changed(kind: str) -> None:
    one, other = (thing(kind, f"config-{suffix}", data={"a": suffix}) for suffix in ("k9mbkmdmcd", "24h7fc2f4t"))
    (change,) = changes([one], [other])
    assert (change.kind, change.object) == ("replace", f"{kind}/config")
    assert "/metadata/name" in [field.pointer for field in change.fields]


def test_a_name_that_only_looks_hashed_is_another_object() -> None:
    found = changes([thing("Deployment", "web-k9mbkmdmcd")], [thing("Deployment", "web-24h7fc2f4t")])
    assert [each.kind for each in found] == ["add", "remove"]


def test_argo_cds_own_mark_is_no_change() -> None:
    marked = web()
    marked["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "app:apps/Deployment:prod/web"}
    assert changes([web()], [marked]) == ()


def test_what_is_too_much_is_counted() -> None:
    (change,) = changes([config_map({})], [config_map({str(number): number for number in range(100)})])
    assert (len(change.fields), change.more) == (40, 60)
    several = [config_map({"a": 1}, name=f"c{number}") for number in range(300)]
    part = compare_rendered("app", Manifests(), Manifests(objects=tuple(several)), rows=50)
    assert sum(len(each.fields) for each in part.changes) == 50
    assert sum(each.more for each in part.changes) == 250


def test_nothing_can_be_compared_with_what_does_not_render_itself() -> None:
    part = compare_rendered("app", Manifests(broken="no such file"), Manifests(objects=(web(),)))
    assert (part.state, part.changes) == ("rendered", ())
    assert part.sentence == "the current commit does not render (no such file); the proposed commit does, to 1 objects"
    assert compare_rendered("app", Manifests(), Manifests(broken="no such file")).state == "broken"


@holds(st.lists(documents(), max_size=4), st.integers())
def test_equal_lists_in_any_order_have_no_change(values: list[Json], luck: int) -> None:
    one = [config_map(value, name=f"config-{at % 2}") for at, value in enumerate(values)] + [
        thing("X", "x", spec=values)
    ]
    other = json.loads(json.dumps(one))
    random.Random(luck).shuffle(other)
    assert changes(one, other) == ()


@holds(documents(), documents(), st.integers(min_value=0, max_value=3))
def test_no_value_of_a_secret_is_ever_shown(one: Json, other: Json, how: int) -> None:
    now, proposed = (_leaky(value, how + at) for at, value in enumerate((one, other)))
    part = compare_rendered("app", Manifests(objects=tuple(now)), Manifests(objects=tuple(proposed)))
    seen = rendered(part)
    shown = (
        seen.model_dump_json()
        + rendered_markdown(seen, limit=100_000)
        + rendered_terminal(seen)
        + str(rendered_verdict(seen))
    )
    assert MARK not in shown
    assert base64.b64encode(MARK.encode()).decode()[:6] not in shown
    assert part.changes, "that they changed is seen"


def _leaky(value: Json, how: int) -> list[Any]:
    """A Secret, under a hashed name and a plain one, and the same value where it does not belong."""
    secret = f"{MARK}-value-{how}"
    held = {"a": base64.b64encode(secret.encode()).decode(), "hidden": secret}
    about = {"annotations": {LAST_APPLIED: json.dumps({"data": held}), "note": secret}, "labels": {"team": "shop"}}
    both = [
        thing("Secret", name, data=held, stringData={"plain": secret, **{key: MARK + key for key in value}})
        for name in ("plain", f"hashed-{'246789bcdf'[how:]}{'h' * how}")
    ]
    for each in both:
        each["metadata"] |= about
    elsewhere = [
        config_map({"url": f"https://{secret}.example.com", "nested": [value, {"deep": secret}]}),
        thing("ConfigMap", "text", data={"app.properties": f"a=1\nb={secret}\nc={how}\n"}),
        web(env=[{"name": "A", "value": secret}], args=["--x", secret]),
    ]
    elsewhere[1]["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(held)}
    return [*both, *elsewhere] if how % 2 else [both[how % 4 // 2], *reversed(elsewhere)]


@pytest.mark.parametrize(
    "secret",
    [
        {"password": "hunter2"},
        {"a": {"apiKey": "f3a9c1e8b7d2"}},
        {"url": "https://ada:hunter2@example.com/"},
        {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
        {"env": [{"key": "DB_PASSWORD", "value": "hunter2"}]},
        {"pin": {"password": 12345}},
        {"key": "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"},
        {"file": "user: ada\npassword: hunter2\n"},
        {"inner": json.dumps({"password": "hunter2"})},
    ],
)
def test_what_the_secret_scan_would_find_is_hidden_and_seen_to_change(secret: Any) -> None:
    changed = json.loads(
        json.dumps(secret).replace("hunter2", "hunter3").replace("f3a9c1", "a4b0d2").replace("12345", "12346")
    )
    for one, other in ((config_map(secret), config_map(changed)), (_custom(secret), _custom(changed))):
        for now, proposed in (([one], [other]), ([], [one])):
            found = fields(now, proposed)
            assert found
            assert not any(word in str(found) for word in ("hunter", "f3a9c1", "a4b0d2", "1234"))


def _custom(value: Json) -> dict[str, Any]:
    return thing("Thing", "it", spec=value)
