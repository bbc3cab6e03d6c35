"""The flows are registered with a real Prefect server, by Prefect's own command and by ours, to the same effect."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml
from prefect.utilities.callables import parameter_schema
from sandbox_tests.plain import eventually, http

from liftgate.domain.common.installation import DEFAULT, prefixed
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.work_tree import NOW, WorkTree
from liftgate.integrations.runs.prefect import credentials
from liftgate.runtime import parameters
from liftgate.runtime.project import project_root, python_path
from liftgate.runtime.registration import register, written
from tests.examples import SEED, text, values
from tests.prefect_server import PrefectApi

FLOWS = ("promote", "update", "rollback", "nightly", "take-over")
SAME = ("entrypoint", "pull_steps", "work_pool_name", "description", "tags", "enforce_parameter_schema")


def test_the_parameter_schemas_are_those_that_prefect_makes() -> None:
    """To bring them up to date: python -m tests.deployments.test_deploying."""
    assert parameters.schemas() == made_by_prefect()


def test_every_flow_has_one_deployment_and_prefect_yaml_has_the_default_installations_names() -> None:
    assert sorted(each.flow for each in written(project_root())) == sorted(FLOWS)
    stands = yaml.safe_load((project_root() / "prefect.yaml").read_text())["deployments"]
    assert sorted(each["name"] for each in stands) == sorted(prefixed(DEFAULT, flow) for flow in FLOWS)
    assert {each["work_pool"]["name"] for each in stands} == {DEFAULT}


@pytest.fixture(scope="module")
def by_prefect(prefect_api: PrefectApi, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `prefect deploy --all` registers, in the folder of prefect.yaml as a person runs it; under names of
    its own, because other tests use the server too. The pool is one that Prefect's own worker can serve."""
    file = trial(tmp_path_factory.mktemp("deploying"))
    prefect_api.call("POST", "/work_pools/", {"name": "trial", "type": "process"})
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    done = subprocess.run(
        command, cwd=project_root(), env=prefect_api.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return found(prefect_api)


@pytest.fixture
def by_us(by_prefect: dict[str, Any], prefect_api: PrefectApi, tmp_path: Path) -> dict[str, Any]:
    register(prefect_api.runs_of("trial"), pipeline(tmp_path), written(project_root()))
    return found(prefect_api)


@pytest.mark.prefect
def test_prefects_own_command_registers_all_and_the_scheduler_makes_the_nightly_runs(
    by_prefect: dict[str, Any], prefect_api: PrefectApi
) -> None:
    assert sorted(by_prefect) == sorted(FLOWS)
    nightly = by_prefect["nightly"]["id"]
    assert eventually(lambda: len(scheduled(prefect_api, nightly)) >= 2, within=30)
    times = [datetime.fromisoformat(run["expected_start_time"]) for run in scheduled(prefect_api, nightly)]
    assert {time.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") for time in times} == {"02:00"}


@pytest.mark.prefect
def test_prefects_own_worker_runs_them_and_needs_no_variable_to_find_them(
    by_prefect: dict[str, Any], prefect_api: PrefectApi, tmp_path: Path
) -> None:
    """As far as the first setting it lacks, which it names."""
    run = prefect_api.run(by_prefect["promote"]["id"], application="example-app", to="dev")
    variables = {name: value for name, value in prefect_api.environment.items() if not name.startswith("LIFTGATE_")}
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "trial", "--run-once"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=variables | {"PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    state = prefect_api.read(run)["state"]
    assert state["name"] == "Misconfigured", done.stdout + done.stderr
    assert state["message"] == "no configuration repository: set LIFTGATE_REPOSITORY__URL"


@pytest.mark.prefect
def test_our_command_registers_the_same_with_the_choices_of_the_pipeline(
    by_prefect: dict[str, Any], by_us: dict[str, Any]
) -> None:
    for name in FLOWS:
        assert {key: by_us[name][key] for key in SAME} == {key: by_prefect[name][key] for key in SAME}
        assert schedules(by_us[name]) == schedules(by_prefect[name])
    form = by_us["promote"]["parameter_openapi_schema"]["properties"]
    assert form["application"]["enum"] == ["example-app"]
    assert form["to"]["enum"] == ["dev", "staging", "prod"]


@pytest.mark.prefect
def test_the_schedule_of_the_configuration_is_applied_and_parameters_given_in_prefect_are_taken_away(
    by_us: dict[str, Any], prefect_api: PrefectApi, tmp_path: Path
) -> None:
    before = by_us["nightly"]
    prefect_api.call("PATCH", f"/deployments/{before['id']}", {"parameters": {"reason": "as ada likes it"}})
    schedule = {"cron": "30 3 * * *", "timezone": "Asia/Tokyo"}
    tree = pipeline(tmp_path / "own", schedules={"nightly": schedule})
    made = register(prefect_api.runs_of("trial"), tree, written(project_root()))
    now = found(prefect_api)["nightly"]
    assert [(each["cron"], each["timezone"]) for each in schedules(now)] == [("30 3 * * *", "Asia/Tokyo")]
    assert now["parameters"] == {}
    assert [each.schedules for each in made.deployments if "nightly" in each.name] == [("30 3 * * * Asia/Tokyo",)]
    register(prefect_api.runs_of("trial"), pipeline(tmp_path / "seed"), written(project_root()))
    assert schedules(found(prefect_api)["nightly"]) == schedules(before)


@pytest.mark.prefect
def test_a_run_with_parameters_that_do_not_fit_is_refused(prefect_api: PrefectApi, by_us: dict[str, Any]) -> None:
    for bad in ({"application": "example-app"}, {"application": "example-app", "to": "prd"}):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            prefect_api.run(by_us["promote"]["id"], **bad)
        assert refused.value.response.status_code == 409


@pytest.mark.prefect
def test_prefects_own_form_refuses_a_value_that_would_spoil_its_lists_or_not_come_back(
    prefect_api: PrefectApi, by_us: dict[str, Any]
) -> None:
    """Raw, because Python writes none of these; a value that fits is taken."""
    url = f"{prefect_api.url}/deployments/{by_us['update']['id']}/create_flow_run"
    headers, auth = {"content-type": "application/json"}, credentials(prefect_api.secret)
    taken = {}
    for value in ("18446744073709551616", "1e308", "1e20", "NaN", "-1e400", '"\\ud800"', '{"a\\u0000": 1}', "600"):
        changes = f'{{"/a": [{{"b": {value}}}]}}'
        body = f'{{"parameters": {{"application": "example-app", "environment": "dev", "changes": {changes}}}}}'
        answer = http.request("POST", url, content=body, headers=headers, auth=auth, timeout=60)
        taken[value] = answer.status_code
        assert value != "1e20" or "greater than the maximum of 9007199254740992" in answer.text
    assert taken.pop("600") == 201
    assert set(taken.values()) == {409}, taken


def made_by_prefect() -> dict[str, Any]:
    functions = {name: name.replace("-", "_") for name in FLOWS}
    return {
        name: parameter_schema(getattr(import_module(f"flows.{function}"), function)).model_dump()
        for name, function in functions.items()
    }


def trial(folder: Path) -> Path:
    """For an installation with another name."""
    file = folder / "prefect.yaml"
    file.write_text((project_root() / "prefect.yaml").read_text().replace("name: liftgate", "name: trial"))
    return file


def found(prefect_api: PrefectApi) -> dict[str, Any]:
    """The trial's deployments by flow."""
    rows = prefect_api.call("POST", "/deployments/filter", {"deployments": {"name": {"like_": "trial-"}}})
    return {row["name"].removeprefix("trial-"): row for row in rows}


def schedules(deployment: Any) -> list[Any]:
    return [each["schedule"] for each in deployment["schedules"]]


def scheduled(prefect_api: PrefectApi, deployment: str) -> list[Any]:
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "limit": 10}
    rows: list[Any] = prefect_api.call("POST", "/flow_runs/filter", wanted)
    return [row for row in rows if row["auto_scheduled"]]


def pipeline(folder: Path, **more: Any) -> ConfigSnapshot:
    folder.mkdir(exist_ok=True)
    (folder / "liftgate.json").write_bytes(text(SEED | more))
    for name in ("dev", "staging", "prod"):
        path = folder / "configs" / name / "values.json"
        path.parent.mkdir(parents=True)
        path.write_bytes(text(values(name)))
    return ConfigSnapshot(WorkTree(folder), NOW)


if __name__ == "__main__":
    parameters.write(made_by_prefect())
