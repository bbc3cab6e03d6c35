"""Alerts arrive: a failed sync and a drift, by a real Prometheus and Alertmanager, at a webhook and in Slack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import yaml
from liftgate_sandbox.town import BOT_TOKEN, CHANNEL
from starlette.responses import PlainTextResponse

from liftgate.domain.ledger.ledger import Times
from liftgate.domain.reporting.alert_rules import alert_rules
from liftgate.integrations.clock import SystemClock
from liftgate.runtime.project import project_root
from tests.examples import SEED, entry, text
from tests.lab import configured
from tests.prometheus_server import alertmanager, prometheus, query, run
from tests.server.test_metrics import documented_metrics
from tests.server.world import World, wait_until
from tests.services.drift_scene import Scene
from tests.steps.world import Script, serving_all

SHIPPED = project_root() / "deployments" / "prometheus"
TOKEN = "webhook-token"
FAILED, DRIFTED = ("LiftgateSyncFailed", "firing"), ("LiftgateDriftDetected", "firing")
MENDED = ("LiftgateDriftDetected", "resolved")
RUNBOOK = "https://example.com/runbook"


def test_a_failed_sync_and_drift_arrive_at_a_webhook_and_in_slack(world: World, tmp_path: Path) -> None:
    scene, hook = Scene(world), Script(PlainTextResponse("ok"))
    scene.look(1)
    with (
        serving_all({"/alerts": hook}) as url,
        alertmanager(tmp_path / "alertmanager", receiving(world, url, tmp_path)) as manager,
        prometheus(tmp_path / "prometheus", address(world.url), rules(world, tmp_path), manager) as server,
    ):
        for metric in set().union(*documented_metrics().values()):
            assert query(server, f'{{__name__=~"{metric}|{metric}_count"}}'), f"no sample of {metric}"
        fail_a_sync(world)
        scene.change()
        scene.look()
        wait_until(lambda: {FAILED, DRIFTED} <= came(hook), 60)
        scene.put_back()
        scene.look()
        wait_until(lambda: MENDED in came(hook) and len(told(world, "Over: LiftgateDriftDetected in prod")) == 2, 60)
    assert came(hook) == {FAILED, DRIFTED, MENDED}, "nothing else fired, and the failure is not over yet"
    assert {each.headers["authorization"] for each in hook.asked} == {f"Bearer {TOKEN}"}
    assert {alert["annotations"]["runbook_url"] for alert in alerts(hook)} == {
        f"{RUNBOOK}#liftgatesyncfailed", f"{RUNBOOK}#liftgatedriftdetected",
    }  # fmt: skip
    by_webhook, by_token = told(world, "1 firing: LiftgateSyncFailed in prod")
    for said in (by_webhook["text"], by_token["text"]):
        assert said.startswith("Argo CD did not sync example-app in prod.\n")
        assert said.endswith(f"Runbook: {RUNBOOK}#liftgatesyncfailed")


def fail_a_sync(world: World) -> None:
    """As the flow records it: committed, never synced, taken back."""
    now = SystemClock().now()
    times = Times(requested=now, committed=now, finished=now)
    world.record(entry(environment="prod", outcome="rolled back", times=times))


def rules(world: World, folder: Path) -> Path:
    """What `liftgate alert-rules` writes for the configuration; drift need not last a minute here."""
    alerts = SEED["monitoring"]["alerts"] | {"drift-detected": {"threshold": "any", "window": "2s"}}
    monitoring = SEED["monitoring"] | {"alerts": alerts}
    world.lab.commit({"liftgate.json": text(configured(world.lab, monitoring=monitoring))})
    world.at.git.fetch()
    file = folder / "rules.yaml"
    written = alert_rules(world.app.state.state.configuration.monitoring, RUNBOOK)
    file.write_text(yaml.safe_dump(written))
    run("promtool", "check", "rules", file)
    return file


def receiving(world: World, hook: str, folder: Path) -> Any:
    """The shipped example with this test's addresses, secrets and haste; Slack by a bot's token as well."""
    settings = yaml.safe_load((SHIPPED / "alertmanager.yaml").read_text())
    settings["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    (receiver,) = settings["receivers"]
    (slack,), (webhook,) = receiver["slack_configs"], receiver["webhook_configs"]
    webhook["url"] = f"{hook}/alerts"
    webhook["http_config"] = secret(folder / "webhook-token", TOKEN)
    bot = {key: value for key, value in slack.items() if key != "api_url_file"} | {
        "api_url": f"{world.lab.town.urls['slack']}/api/chat.postMessage",
        "channel": CHANNEL,
        "http_config": secret(folder / "bot-token", BOT_TOKEN),
    }
    (folder / "slack-url").write_text(world.lab.town.slack_webhook)
    slack["api_url_file"] = str(folder / "slack-url")
    receiver["slack_configs"].append(bot)
    return settings


def secret(file: Path, value: str) -> Any:
    file.write_text(value)
    return {"authorization": {"credentials_file": str(file)}}


def address(url: str) -> str:
    return httpx.URL(url).netloc.decode()


def alerts(hook: Script) -> list[Any]:
    return [alert for body in hook.bodies for alert in json.loads(body)["alerts"]]


def came(hook: Script) -> set[tuple[str, str]]:
    """The alerts that were delivered, each with its status."""
    return {(alert["labels"]["alertname"], alert["status"]) for alert in alerts(hook)}


def told(world: World, title: str) -> list[Any]:
    """What stands in Slack with this title."""
    messages = world.lab.town.slack.store.state.messages
    return [shown for each in messages for shown in each.attachments if shown["title"] == title]


def test_the_shipped_files_are_what_prometheus_and_alertmanager_read(tmp_path: Path) -> None:
    run("promtool", "check", "config", SHIPPED / "prometheus.yaml")
    run("promtool", "check", "rules", SHIPPED / "rules.yaml")
    run("amtool", "check-config", SHIPPED / "alertmanager.yaml")
