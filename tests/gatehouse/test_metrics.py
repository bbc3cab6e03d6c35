"""`/metrics`: what Prometheus reads of a gatehouse, and what its rules make of it."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from liftgate.domain.alert_rules import alert_rules
from liftgate.domain.ledger import Times
from liftgate.domain.pipeline import Monitoring
from liftgate.integrations.clock import SystemClock
from liftgate.runtime.project import project_root
from tests.examples import SEED, entry, text
from tests.gatehouse.drift_scene import Scene
from tests.gatehouse.world import World, wait_until
from tests.lab import configured
from tests.plain import http
from tests.prometheus_server import prometheus, promtool

pytestmark = pytest.mark.prefect
MONITORING = Monitoring.model_validate(SEED["monitoring"])
Samples = dict[tuple[str, ...], float]


def scraped(world: World) -> Samples:
    """(name, application, environment, the third label) to value."""
    answer = world.http().get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def failed(world: World, outcome: str = "rolled back") -> None:
    now = SystemClock().now()
    times = Times(requested=now, committed=now, finished=now)
    world.record(entry(environment="prod", outcome=outcome, times=times))


def test_every_place_has_its_samples_before_anything_happened(world: World) -> None:
    found = scraped(world)
    for environment in ("dev", "staging", "prod"):
        place = ("example-app", environment)
        assert found["liftgate_promotions_total", *place, "promoted"] == 0
        assert found["liftgate_errors_total", *place, "sync"] == 0
        assert found["liftgate_drift_resources", *place] == found["liftgate_drifts_total", *place] == 0
        assert found["liftgate_apply_duration_seconds_bucket", *place, "300.0"] == 0
        assert found["liftgate_sync_status", *place, "Unknown"] == 1, "nobody has looked yet"


def test_promotions_are_counted_from_the_ledger(world: World) -> None:
    now = SystemClock().now()
    seconds = [now + timedelta(seconds=each) for each in (0, 4, 6, 7)]
    times = dict(zip(("committed", "synced", "verified", "finished"), seconds, strict=True))
    world.record(entry(environment="prod", times=Times(requested=now, **times)))
    place = ("example-app", "prod")
    found = scraped(world)
    assert found["liftgate_promotions_total", *place, "promoted"] == 1
    assert found["liftgate_apply_duration_seconds_sum", *place] == 4
    assert found["liftgate_apply_duration_seconds_bucket", *place, "2.0"] == 0
    assert found["liftgate_apply_duration_seconds_bucket", *place, "5.0"] == 1


def test_the_cluster_is_as_the_watch_saw_it(world: World) -> None:
    scene, place = Scene(world), ("example-app", "prod")
    scene.look()
    assert scraped(world)["liftgate_sync_status", *place, "Synced"] == 1
    scene.change()
    scene.look()
    found = scraped(world)
    assert found["liftgate_sync_status", *place, "OutOfSync"] == 1
    assert found["liftgate_sync_status", *place, "Synced"] == 0
    assert found["liftgate_drift_resources", *place] == found["liftgate_drifts_total", *place] == 1
    assert found["liftgate_last_look_timestamp_seconds",] > 0


def test_only_what_the_configuration_names_is_there(world: World) -> None:
    configuration = configured(world.lab, monitoring={"metrics": ["apply-duration"]})
    world.lab.commit({"liftgate.json": text(configuration)})
    world.at.git.fetch()
    names = {name for name, *_ in scraped(world)}
    assert {name.rpartition("_")[0] for name in names} == {"liftgate_apply_duration_seconds"}


def test_every_metric_of_the_rules_is_there(world: World) -> None:
    exported = {name for name, *_ in scraped(world)}
    expressions = " ".join(rule["expr"] for rule in alert_rules(MONITORING)["groups"][0]["rules"])
    used = {word for word in expressions.replace("(", " ").replace("{", " ").replace("[", " ").split()
            if word.startswith("liftgate_")}  # fmt: skip
    used = {word.rstrip(")") for word in used}
    assert used
    assert used <= exported


def test_the_documentation_names_every_metric_and_no_other(world: World) -> None:
    page = (project_root() / "docs" / "how-to" / "monitoring.md").read_text()
    named = set(re.findall(r"\| `(liftgate_[a-z_]+)", page))
    families = text_string_to_metric_families(world.http().get("/metrics").text)
    assert named == {f"{each.name}_total" if each.type == "counter" else each.name for each in families}


@pytest.mark.long
def test_a_real_prometheus_raises_the_alerts(world: World, tmp_path: Path) -> None:
    scene = Scene(world)
    failed(world)
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump(alert_rules(MONITORING)))
    with prometheus(tmp_path / "prometheus", httpx.URL(world.url).netloc.decode(), rules) as url:
        subprocess.run([promtool(tmp_path / "prometheus"), "check", "rules", str(rules)], check=True)
        wait_until(lambda: alerts(url) == {"LiftgateSyncFailed", "LiftgateCannotSeeArgoCD"}, 30)
        scene.change()
        scene.look()
        wait_until(lambda: alerts(url) == {"LiftgateSyncFailed", "LiftgateDriftDetected"}, 30)
        failed_rollback = {"kind": "rollback", "promotion": "33333333-3333-4333-8333-333333333333"}
        now = SystemClock().now()
        times = Times(requested=now, committed=now, finished=now)
        world.record(entry(environment="prod", outcome="rollback failed", times=times, **failed_rollback))
        wait_until(lambda: "LiftgateRollbackFailed" in alerts(url), 30)


def alerts(url: str) -> set[str]:
    answer = http.get(f"{url}/api/v1/alerts").json()
    return {each["labels"]["alertname"] for each in answer["data"]["alerts"] if each["state"] == "firing"}
