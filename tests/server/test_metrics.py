"""`/metrics`: what Prometheus reads of a Liftgate server, and what its rules make of it."""

from __future__ import annotations

import re
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from liftgate import __version__
from liftgate.domain.config.pipeline import ALERTS, METRICS, Monitoring
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.ledger.ledger import Times
from liftgate.domain.reporting.alert_rules import alert_rules
from liftgate.domain.reporting.metrics import READS
from liftgate.integrations.clock import SystemClock
from liftgate.runtime.project import project_root
from tests.examples import SEED, entry, text
from tests.lab import configured
from tests.server.world import World
from tests.services.drift_scene import Scene

MONITORING = Monitoring.model_validate(SEED["monitoring"])
Samples = dict[tuple[str, ...], float]


def scraped(world: World) -> Samples:
    """(name, application, environment, the third label) to value."""
    answer = world.http().get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_every_place_has_its_samples_before_anything_happened(world: World) -> None:
    found = scraped(world)
    for environment in ("dev", "staging", "prod"):
        place = ("example-app", environment)
        assert found["liftgate_promotions_total", *place, "promoted"] == 0
        assert found["liftgate_errors_total", *place, "sync"] == 0
        assert found["liftgate_drift_resources", *place] == found["liftgate_drifts_total", *place] == 0
        assert found["liftgate_apply_duration_seconds_bucket", *place, "300.0"] == 0
        assert found["liftgate_last_verified_timestamp_seconds", *place] == 0
        assert (
            found["liftgate_bypassed_total", *place] == found["liftgate_last_bypassed_timestamp_seconds", *place] == 0
        )
        assert found["liftgate_sync_status", *place, "Unknown"] == 1, "nobody has looked yet"
    assert found["liftgate_build_info", __version__] == 1


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


def test_a_bypassed_gate_is_counted_and_stands_on_the_board_and_the_page(world: World) -> None:
    by_hand = ByHand(how="merged", by="ada", author="rosa", reviewers=("grace",), bypassed=("needs 1 approval: grace",))
    world.record(entry(kind="update", environment="prod", by_hand=by_hand))
    assert scraped(world)["liftgate_bypassed_total", "example-app", "prod"] == 1
    said = "Merged by hand by ada. Bypassed: needs 1 approval: grace."
    assert f"example-app in prod: {said}" in world.board()
    page = world.http().get(f"/promotions/{entry().promotion}").text
    assert said in page
    assert all(f"<dt>{what}</dt>" in page for what in ("By hand", "Written by", "Reviewed by"))


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
    scene.restart()
    assert scraped(world)["liftgate_drift_resources", *place] == 1, "a new process ends no drift"
    scene.look(1)
    assert scraped(world)["liftgate_drift_resources", *place] == 1, "a disagreement must last before it is judged"
    scene.put_back()
    scene.look()
    assert scraped(world)["liftgate_drift_resources", *place] == 0


def test_while_liftgate_json_is_broken_all_is_counted_and_that_it_is(world: World) -> None:
    world.record(entry(environment="prod"))
    before = scraped(world)
    assert before["liftgate_configuration_usable",] == 1
    world.lab.commit({"liftgate.json": b"{"})
    world.at.git.fetch()
    found = scraped(world)
    assert found == before | {("liftgate_configuration_usable",): 0}
    assert found["liftgate_promotions_total", "example-app", "prod", "promoted"] == 1


def test_only_what_the_configuration_names_is_there_and_all_of_it(world: World) -> None:
    """An alert brings the metric that it reads; what is documented as always there stays."""
    documented = documented_metrics()
    assert documented.keys() == {"always", *METRICS}
    for named in (*METRICS, *ALERTS, "nothing"):
        alerts = {named: {"threshold": "1", "window": "5m"}} if named in ALERTS else {}
        monitoring = {"metrics": [named] if named in METRICS else [], "alerts": alerts}
        world.lab.commit({"liftgate.json": text(configured(world.lab, monitoring=monitoring))})
        world.at.git.fetch()
        assert families(world) == documented["always"] | documented.get(READS.get(named, named), set()), named


def test_every_metric_of_the_rules_is_there(world: World) -> None:
    exported = {name for name, *_ in scraped(world)}
    expressions = " ".join(rule["expr"] for rule in alert_rules(MONITORING)["groups"][0]["rules"])
    used = {word for word in expressions.replace("(", " ").replace("{", " ").replace("[", " ").split()
            if word.startswith("liftgate_")}  # fmt: skip
    used = {word.rstrip(")") for word in used}
    assert used
    assert used <= exported


def test_the_documentation_names_every_metric_and_no_other(world: World) -> None:
    assert set().union(*documented_metrics().values()) == families(world)


def families(world: World) -> set[str]:
    """The names, as Prometheus keeps them."""
    found = text_string_to_metric_families(world.http().get("/metrics").text)
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in found}


def documented_metrics() -> dict[str, set[str]]:
    """From the page's table: the names of `monitoring.metrics`, and `always`, each with its metrics."""
    page = (project_root() / "docs" / "how-to" / "monitoring.md").read_text()
    found: dict[str, set[str]] = {"always": set()}
    names: list[str] = []
    for first, metric in re.findall(r"^\|([^|]*)\| `(liftgate_[a-z_]+)", page, re.MULTILINE):
        names = re.findall(r"`([a-z-]+)`", first) or (["always"] if "always" in first else names)
        for name in names:
            found.setdefault(name, set()).add(metric)
    return found
