"""Changes behind Git's back, on the sandbox's Argo CD: found, told once, written down once, and gone again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.domain.reporting.report import report
from liftgate.integrations.chat.console import Console
from tests.examples import ALLOWED_SIGNERS, entry, text, values
from tests.lab import configured
from tests.server.world import World, wait_until
from tests.services.drift_scene import Scene


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_a_change_behind_gits_back_is_told_and_counted_once(scene: Scene) -> None:
    scene.world.record(entry(environment="prod"))
    scene.restart()
    began = scene.clock.now()
    scene.change()
    scene.look()
    assert scene.clock.now() - began < timedelta(minutes=1)
    (message,) = scene.messages()
    shown = str(message.blocks)
    assert "changed in the cluster, not in Git" in message.text
    for part in ("Deployment/example-app: spec.replicas", "ada, grace, rosa", "ada requested the last change (1.4.2)"):
        assert part in shown
    assert "sync example-app-prod in Argo CD" in shown
    assert "liftgate update example-app --in prod" in shown
    (record,) = scene.records()
    assert (record.application, record.environment, record.kind) == ("example-app", "prod", "cluster moved")
    assert [str(each) for each in record.objects] == ["Deployment/example-app: spec.replicas"]
    since = began - timedelta(days=1)
    (figures,) = report([], [("example-app", "prod")], since, scene.clock.now(), scene.records())
    assert figures.drift == 1


def test_it_is_told_while_liftgate_json_is_broken(scene: Scene) -> None:
    scene.world.lab.commit({"liftgate.json": b"{"})
    scene.world.at.git.fetch()
    scene.change()
    scene.look()
    (message,), (record,) = scene.messages(), scene.records()
    assert (record.environment, "changed in the cluster, not in Git" in message.text) == ("prod", True)


def test_replicas_an_image_and_a_value_are_named_within_30_seconds_and_gone_after_a_sync(scene: Scene) -> None:
    began = scene.clock.now()
    [config] = [each["name"] for each in scene.app()["status"]["resources"] if each["kind"] == "ConfigMap"]
    scene.change({"kind": "ConfigMap", "name": config, "namespace": "prod"}, patch={"data": {"values.json": "{}"}})
    scene.change(patch=scene.with_image("by/hand:1"))
    while not scene.messages():
        scene.watch.once()
        assert scene.clock.now() - began < timedelta(seconds=30)
        scene.clock.by += timedelta(seconds=scene.watch.pause())
    scene.look(3)
    (message,), (record,) = scene.messages(), scene.records()
    image = "spec.template.spec.containers.0.image"
    named = {f"ConfigMap/{config}: data.values.json", f"Deployment/example-app: spec.replicas, {image}"}
    assert {str(each) for each in record.objects} == named
    assert all(each in str(message.blocks) for each in named)
    assert 'drift_resources{application="example-app",environment="prod"} 2.0' in scene.metrics()
    scene.sync()
    scene.look(2)
    assert 'drift_resources{application="example-app",environment="prod"} 0.0' in scene.metrics()
    assert [each.over is not None for each in scene.records()] == [True]


def test_neither_further_looks_nor_a_restarted_server_tell_it_again(scene: Scene) -> None:
    scene.change()
    scene.look(5)
    for _ in range(2):
        scene.restart()
        scene.look(8)
    assert len(scene.messages()) == len(scene.records()) == 1


def test_when_it_is_gone_the_message_says_so_even_by_another_server(scene: Scene) -> None:
    scene.change()
    scene.look()
    scene.restart()
    scene.put_back()
    scene.look()
    (message,) = [each for each in scene.messages() if not each.thread_ts]
    assert "matches Git again" in message.text
    (reply,) = [each for each in scene.world.lab.town.slack.store.state.messages if each.thread_ts == message.ts]
    assert "matches Git again" in reply.text
    (record,) = scene.records()
    assert record.over is not None
    scene.change()
    scene.look()
    assert len(scene.records()) == 2, "changed again, it is another change"


def test_a_message_lost_with_the_process_that_wrote_the_record_is_sent_by_the_next(scene: Scene) -> None:
    scene.change()
    scene.at.chat = Silent()
    scene.look()
    assert scene.messages() == []
    scene.restart()
    scene.look(8)
    assert len(scene.messages()) == 1


class Silent(Console):
    """The chat of a process that is gone before it speaks."""


def test_what_git_moved_is_no_drift(scene: Scene) -> None:
    scene.policy(None)
    scene.world.lab.commit({"configs/prod/values.json": text(values("prod", "1.4.2"))})
    scene.admin.get("/api/v1/applications/example-app-prod?refresh=normal&project=shop")
    scene.settled("OutOfSync")
    scene.look(4)
    assert (scene.messages(), scene.records()) == ([], [])
    assert scene.state.drift.sentence("example-app", "prod") == "Git has a new commit that is not deployed yet"


def test_drift_is_seen_though_git_moved_as_well(scene: Scene) -> None:
    scene.policy(None)
    scene.world.lab.commit({"configs/prod/values.json": text(values("prod", "1.4.2"))})
    scene.admin.get("/api/v1/applications/example-app-prod?refresh=normal&project=shop")
    scene.change()
    scene.look(4)
    (record,) = scene.records()
    assert (record.kind, sorted(record.names)) == ("both", ["Deployment/example-app"])
    assert len(scene.messages()) == 1


def test_a_commit_that_changes_nothing_here_hides_no_drift(scene: Scene) -> None:
    scene.policy(None)
    scene.world.lab.commit({"README.md": b"hello\n"})
    scene.admin.get("/api/v1/applications/example-app-prod?refresh=normal&project=shop")
    scene.settled()
    scene.change()
    scene.look()
    assert [each.kind for each in scene.records()] == ["cluster moved"]


def test_a_change_that_lasts_shorter_than_patience_is_nothing(scene: Scene) -> None:
    scene.change()
    scene.look(1)
    scene.put_back()
    scene.look(2)
    assert (scene.messages(), scene.records()) == ([], [])


def test_a_self_heal_is_counted_and_told_once(scene: Scene) -> None:
    scene.policy({"automated": {"selfHeal": True}})
    scene.long_ago()
    scene.change(sync="Synced")
    wait_until(lambda: "autoHealAttemptsCount" in str(scene.app()["status"].get("operationState")))
    scene.settled()
    scene.look()
    scene.restart()
    scene.look()
    (record,) = scene.records()
    assert (record.kind, sorted(record.names)) == ("self-healed", ["Deployment/example-app"])
    assert record.over is not None
    (message,) = scene.messages()
    assert "Argo CD undid the change" in message.text


def test_what_argocd_heals_within_seconds_of_its_own_sync_is_nobodys_change(scene: Scene) -> None:
    scene.policy({"automated": {"selfHeal": True}})
    scene.change(sync="Synced")
    wait_until(lambda: "autoHealAttemptsCount" in str(scene.app()["status"].get("operationState")))
    scene.settled()
    scene.look(3)
    assert (scene.messages(), scene.records()) == ([], [])


def test_what_drifts_after_a_self_heal_is_a_change_of_its_own(scene: Scene) -> None:
    scene.policy({"automated": {"selfHeal": True}})
    scene.long_ago()
    scene.change(sync="Synced")
    wait_until(lambda: "autoHealAttemptsCount" in str(scene.app()["status"].get("operationState")))
    scene.policy({"automated": {}})
    scene.change()
    scene.look(4)
    assert [each.kind for each in scene.records()] == ["self-healed", "cluster moved"]


def test_while_git_is_away_it_is_told_and_written_down_when_git_is_back(scene: Scene) -> None:
    scene.change()
    scene.look(1)
    url = scene.at.git.git("config", "remote.origin.url")
    scene.at.git.git("config", "remote.origin.url", "http://127.0.0.1:9/nowhere.git")
    scene.look(2)
    assert (len(scene.messages()), scene.records()) == (1, [])
    assert "drift is not counted" in scene.state.drift.notice
    scene.at.git.git("config", "remote.origin.url", url)
    scene.look(2)
    assert (len(scene.messages()), len(scene.records())) == (1, 1)
    assert scene.state.drift.notice == ""


def test_while_a_promotion_is_between_its_commit_and_its_outcome_nobody_is_alarmed(scene: Scene) -> None:
    run = scene.committed()
    scene.admin.get("/api/v1/applications/example-app-prod?refresh=normal&project=shop")
    scene.settled()
    scene.change()
    scene.restart()
    scene.look(3)
    assert (scene.messages(), scene.records()) == ([], [])
    scene.world.record(entry(environment="prod", promotion=run))
    scene.look(1)
    assert len(scene.messages()) == len(scene.records()) == 1


def test_without_the_alert_it_is_counted_and_nobody_is_told(scene: Scene) -> None:
    settings = configured(scene.world.lab, monitoring={"metrics": ["drift-detection"]})
    scene.world.lab.commit({"liftgate.json": text(settings)})
    scene.restart()
    scene.change()
    scene.look()
    assert (scene.messages(), len(scene.records())) == ([], 1)


def test_where_nobody_asked_for_it_nobody_looks(scene: Scene) -> None:
    scene.world.lab.commit({"liftgate.json": text(configured(scene.world.lab, monitoring={}))})
    scene.restart()
    scene.change()
    scene.look()
    assert (scene.messages(), scene.records()) == ([], [])


def test_a_server_whose_key_is_not_allowed_tells_it_once_and_says_why_it_is_not_counted(scene: Scene) -> None:
    without = ALLOWED_SIGNERS.replace(",liftgate-drift", "")
    scene.world.lab.commit({".liftgate/allowed_signers": without.encode()})
    for _ in range(2):
        scene.restart()
        scene.change()
        scene.look()
    assert (len(scene.messages()), scene.records()) == (1, [])
    assert "liftgate-drift" in scene.state.drift.notice


def test_the_board_shows_it_where_it_is(scene: Scene) -> None:
    scene.change()
    scene.look()
    assert "changed in the cluster, not in Git: Deployment/example-app: spec.replicas" in scene.world.board()
    cells = scene.world.http().get("/api/v1/promotions").json()["lines"][0]["cells"]
    assert [bool(cell["drift"]) for cell in cells] == [False, False, True]
