"""`liftgate.json`: the seed as it stands, defaults that are safe, and every mistake named at its place."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from liftgate.domain.config.configuration import Configuration, read_configuration
from liftgate.errors import Misconfigured
from tests.examples import SEED, text


def configured(**more: Any) -> Configuration:
    return read_configuration(text(SEED | more))


def mistakes(**more: Any) -> str:
    with pytest.raises(Misconfigured) as caught:
        configured(**more)
    return str(caught.value)


def test_the_seed_alone_is_a_whole_configuration() -> None:
    configuration = configured()
    assert configuration.order == ("dev", "staging", "prod")
    assert [step.name for step in configuration.pipeline.steps("validate")] == [
        "json-lint", "schema-validation", "security-scan",
    ]  # fmt: skip
    assert [step.name for step in configuration.rollback.verification] == [
        "config-validation", "health-check", "integration-test",
    ]  # fmt: skip


def test_only_the_last_environment_asks_for_an_approval_and_a_pull_request() -> None:
    configuration = configured()
    needed = {name: configuration.policy_of(name) for name in configuration.order}
    assert {name: policy.approvals and policy.approvals.needed for name, policy in needed.items()} == {
        "dev": 0, "staging": 0, "prod": 1,
    }  # fmt: skip
    assert [needed[name].deliver for name in configuration.order] == ["push", "push", "pull-request"]
    assert [needed[name].after for name in configuration.order] == [(), ("dev",), ("staging",)]


def test_a_step_taken_out_of_the_seed_is_out_of_the_run() -> None:
    stages = [{"name": "validate", "steps": ["json-lint"]}]
    configuration = configured(pipeline={"stages": stages})
    assert [step.name for step in configuration.pipeline.steps("validate")] == ["json-lint"]


def test_verification_taken_out_of_the_rollback_is_out_of_it() -> None:
    steps = [{"action": "revert-commit"}, {"action": "sync-trigger"}]
    assert configured(rollback={"steps": steps}).rollback.verification == ()


def test_settings_stand_beside_a_steps_name() -> None:
    stages = [{"name": "validate", "steps": [{"name": "team-check", "limit": 3}]}]
    assert configured(pipeline={"stages": stages}).pipeline.steps("validate")[0].settings == {"limit": 3}


def test_all_mistakes_come_at_once_each_with_line_and_column() -> None:
    said = mistakes(polcy={}, policy={"prod": {"aprovals": {}}, "production": {}})
    assert 'polcy: unknown key; did you mean "policy"?' in said
    assert 'policy.prod.aprovals: unknown key; did you mean "approvals"?' in said
    assert all(line.startswith("liftgate.json:") for line in said.splitlines())


def test_the_mistakes_between_entries_and_within_lists_come_at_once_too() -> None:
    said = mistakes(
        environments={"dev": "/configs/dev", "prod": "/configs/prod"},
        monitoring={"metrics": ["drift", "sync"], "alerts": {"drift": {"threshold": "1", "window": "1m"}}},
        rules=[
            {"pointer": "a", "owner": "own"},
            {"pointer": "/a", "owner": "mine"},
            {"pointer": "/~2", "owner": "own"},
        ],
        pins=[{"pointer": "/a", "environment": "prd", "owner": "ada", "reason": "r"}],
        people={"ada": {"email": 1}},
        policy={"prd": {}, "prod": {"after": ["dv"], "approvals": {"needed": 1, "from": ["adda", "ada"]}}},
        applications={"shop": {"values": "../x", "schema": "/../y"}, "pay": {"values": {"dev": "one.json"}}},
    ).splitlines()
    places = [
        "monitoring.metrics.0", "monitoring.metrics.1", "monitoring.alerts.drift", "rules.1.owner", "people.ada.email",
        "applications.shop.schema", "applications.shop.values",
        "pins.0.environment", "policy.prd", "policy.prod.after.0", "policy.prod.approvals.from.0", "rules.0.pointer",
        "rules.2.pointer", "applications.pay.values",
    ]  # fmt: skip
    assert sorted(line.split(": ")[1] for line in said) == sorted(places)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"soak": "half an hour"}, 'policy.prod.soak: must be a time like "30s"'),
        ({"freeze": [{"cron": "0 25 * * *", "for": "1h"}]}, "policy.prod.freeze.0.cron"),
        ({"freeze": [{"cron": "0 18 * * FRI", "for": "1h", "timezone": "Berlin"}]}, 'no time zone "Berlin"'),
        ({"freeze": [{"cron": "0 18 * * *", "for": "24h"}]}, "never ends"),
        ({"freeze": [{"cron": "0 18 * * FRI"}]}, "policy.prod.freeze.0.for: is missing"),
    ],
)
def test_a_wrong_time_names_its_place_and_how_it_is_written(policy: dict[str, Any], said: str) -> None:
    assert said in mistakes(policy={"prod": policy})


@pytest.mark.parametrize(
    ("schedules", "said"),
    [
        ({"nightley": {"cron": "0 2 * * *"}}, 'schedules.nightley: unknown key; did you mean "nightly"?'),
        ({"promote": {"cron": "0 2 * * *"}}, "schedules.promote: unknown key"),
        ({"nightly": {"corn": "0 2 * * *"}}, 'schedules.nightly.corn: unknown key; did you mean "cron"?'),
        ({"nightly": {"cron": "0 2 * * *", "parameters": {}}}, "schedules.nightly.parameters: unknown key"),
        ({"nightly": {"cron": "often"}}, '"often" is not a cron expression of five fields'),
        ({"nightly": {"cron": "0 2 * * *", "timezone": "Berlin"}}, 'there is no time zone "Berlin"'),
        ({"nightly": {"timezone": "UTC"}}, "schedules.nightly.cron: is missing"),
        ({"nightly": None}, "schedules.nightly: must be an object"),
    ],
)
def test_a_wrong_schedule_names_its_place(schedules: dict[str, Any], said: str) -> None:
    assert said in mistakes(schedules=schedules)


def test_an_unknown_environment_in_the_policy_names_the_nearest() -> None:
    assert 'did you mean "prod"?' in mistakes(policy={"prd": {}})
    assert 'did you mean "staging"?' in mistakes(policy={"prod": {"after": ["stagin"]}})


def test_an_approver_nobody_knows_is_named() -> None:
    said = mistakes(people={"ada": {}}, policy={"prod": {"approvals": {"needed": 1, "from": ["adda"]}}})
    assert 'did you mean "ada"?' in said


@pytest.mark.parametrize(
    "path", ["//", "", "../outside", "/configs/../..", "\u0000", "a\nb", "--upload-pack", ".git/x"]
)
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    assert "folder in the repository" in mistakes(environments={"dev": path})


@pytest.mark.parametrize("name", ["", "a/b", "\u0000", "-x", "x" * 101, "..", "a b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert "cannot name an environment" in mistakes(environments={name: "/configs/x"})
    assert "cannot name an application" in mistakes(applications={name: {}})


@pytest.mark.parametrize("key", ["values", "schema", "folder"])
def test_an_applications_paths_stay_within_the_repository(key: str) -> None:
    assert "not a path in the repository" in mistakes(applications={"shop": {key: "../../etc/passwd"}})


@pytest.mark.parametrize(
    ("applications", "said"),
    [
        ({"shop": {"was": "shop"}}, 'shop.was: "shop" is the name of an application now'),
        ({"shop": {"was": "pay"}, "pay": {"was": "shop"}}, 'shop.was: "pay" is the name of an application now'),
        ({"shop": {"was": ["old", "pay"]}, "pay": {}}, 'shop.was: "pay" is the name of an application now'),
        ({"shop": {"was": "old"}, "pay": {"was": ["old"]}}, 'pay.was: "old" is an earlier name of shop already'),
        ({"shop": {"was": "../x"}}, "shop.was: '../x' cannot name an application"),
    ],
)
def test_an_earlier_name_is_no_name_of_today_and_of_one_application(applications: dict[str, Any], said: str) -> None:
    assert said in mistakes(applications=applications)


def test_an_application_had_one_name_before_or_several() -> None:
    found = configured(applications={"shop": {"was": "store"}, "pay": {"was": ["billing", "cash"]}}).applications
    assert (found["shop"].earlier_names, found["pay"].earlier_names) == (("store",), ("billing", "cash"))


def test_what_is_no_json_is_named_at_its_place() -> None:
    with pytest.raises(Misconfigured, match=r"liftgate\.json:1:"):
        read_configuration(b"{'environments': {}}")


def test_the_documented_example_is_accepted_but_for_what_is_not_enforced_yet() -> None:
    example = {
        "applications": {
            "example-app": {
                "argocd": "example-app-{environment}", "values": "values.json",
                "checks": {"health-check": {"http": "https://x/healthz"}, "integration-test": {"run": "smoke"}},
            }
        },
        "rules": [{"pointer": "/application/environment/**", "owner": "own"}],
        "policy": {
            "staging": {"after": ["dev"], "start": "automatic"},
            "prod": {"deliver": "pull-request", "approvals": {"needed": 1, "from": ["ada", "grace"]}},
        },
        "people": {"ada": {"slack": "U01ADA", "github": "ada"}, "grace": {}},
    }  # fmt: skip
    assert configured(**json.loads(json.dumps(example))).policy_of("prod").approvals is not None


def test_a_file_that_is_no_object_is_said_to_be_none() -> None:
    with pytest.raises(Misconfigured, match="must be an object"):
        read_configuration(b"[]")


def test_the_seeds_alert_of_drift_is_any_change_within_a_minute() -> None:
    monitoring = configured().monitoring
    assert monitoring.looks_for_drift
    assert monitoring.drift is not None
    assert (monitoring.drift.count, monitoring.drift.span) == (1, timedelta(minutes=1))


def test_without_the_alert_drift_is_only_looked_for_and_without_both_not_at_all() -> None:
    counted = configured(monitoring={"metrics": ["drift-detection"]}).monitoring
    assert (counted.drift, counted.looks_for_drift) == (None, True)
    assert not configured(monitoring={"metrics": ["sync-status"]}).monitoring.looks_for_drift
    alerted = {"alerts": {"drift-detected": {"threshold": "3", "window": "2h"}}}
    assert configured(monitoring=alerted).monitoring.looks_for_drift


@pytest.mark.parametrize(
    ("monitoring", "said"),
    [
        ({"alerts": {"drift-detcted": {"threshold": "any", "window": "1m"}}}, 'did you mean "drift-detected"?'),
        ({"metrics": ["drift"]}, 'there is no metric "drift"; did you mean "drift-detection"?'),
        ({"alerts": {"drift-detected": {"threshold": "some", "window": "1m"}}}, 'must be "any" or a number from 1'),
        ({"alerts": {"drift-detected": {"threshold": "any", "window": "soon"}}}, 'a time like "30s", "5m" or "1h"'),
    ],
)
def test_a_wrong_name_or_value_of_monitoring_is_said_with_the_right_one(monitoring: Any, said: str) -> None:
    assert said in mistakes(monitoring=monitoring)


def previews(*steps: object) -> list[str]:
    stages = [{"name": "preview", "steps": list(steps)}]
    return [step.name for step in configured(pipeline={"stages": stages}).pipeline.steps("preview")]


def test_the_difference_in_the_cluster_goes_with_that_of_the_values() -> None:
    assert previews("generate-diff", "notify-reviewers") == ["generate-diff", "notify-reviewers", "rendered-diff"]
    assert configured().pipeline.steps("preview")[-1].name == "rendered-diff"
    assert previews("notify-reviewers") == ["notify-reviewers"]
    assert previews("rendered-diff", "generate-diff") == ["rendered-diff", "generate-diff"]
    assert previews({"name": "generate-diff", "rendered": False}) == ["generate-diff"]


def test_another_setting_of_the_difference_is_an_error_that_names_the_right_one() -> None:
    with pytest.raises(Misconfigured, match='generate-diff takes only one setting: "rendered"'):
        previews({"name": "generate-diff", "rendred": False})


def test_an_accepted_finding_may_be_for_one_application_and_environment() -> None:
    entries = [
        {"pointer": "/all", "reason": "r"},
        {"pointer": "/shop", "reason": "r", "application": "shop"},
        {"pointer": "/prod", "reason": "r", "environment": "prod"},
    ]
    configuration = configured(allow=entries)
    assert [each.pointer for each in configuration.allowed_in("shop", "dev")] == ["/all", "/shop"]
    assert [each.pointer for each in configuration.allowed_in("other", "prod")] == ["/all", "/prod"]


def test_an_accepted_finding_for_an_unknown_environment_is_an_error() -> None:
    assert 'did you mean "prod"?' in mistakes(allow=[{"pointer": "/a", "reason": "r", "environment": "prd"}])


def test_the_environment_is_filled_into_paths_and_files() -> None:
    written = {"environments": {"dev": "/envs/{environment}", "prod": "/envs/{environment}"}}
    configuration = configured(**written, applications={"shop": {"values": "app.{environment}.json"}, "pay": {}})
    shop = configuration.applications["shop"]
    assert [shop.path(root, name) for name, root in configuration.environments.items()] == [
        "envs/dev/app.dev.json", "envs/prod/app.prod.json",
    ]  # fmt: skip


def test_a_file_can_be_written_for_each_environment_and_none_is_left_out() -> None:
    root = {"environments": {"dev": "/", "prod": "/"}}
    files = {"dev": "appsettings.Development.json", "prod": "appsettings.Production.json"}
    shop = configured(**root, applications={"shop": {"values": files}}).applications["shop"]
    assert (shop.own_folder("", "prod"), shop.path("", "prod")) == ("", "appsettings.Production.json")
    assert "names no file for prod; write the path that it would have" in mistakes(
        **root, applications={"shop": {"values": {"dev": "dev.json"}}}
    )
    assert "is not a path" in mistakes(**root, applications={"shop": {"values": files | {"prod": "../x.json"}}})
