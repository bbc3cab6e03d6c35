"""What Prefect asks for beyond one of our flows is found, whatever it is, and said in one short sentence."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from prefect.workers.process import ProcessWorker

from liftgate.domain.runs.programs import (
    PULL,
    TEMPLATE,
    demands,
    deployment_demands,
    flow_refusal,
    refusal_of,
    template_demands,
)

FLOWS = {"promote": "flows.promote.promote", "update": "flows.update.update"}
RUN = {"flow_id": "1", "job_variables": {}}
DEPLOYMENT: dict[str, Any] = {
    "name": "shop-promote", "flow_id": "1", "entrypoint": FLOWS["promote"], "path": "/anywhere",
    "pull_steps": [PULL], "job_variables": {}, "storage_document_id": None,
}  # fmt: skip
TEXTS = st.text(min_size=1, max_size=200)
FOREIGN = st.one_of(
    st.fixed_dictionaries({"job_variables": st.dictionaries(TEXTS, st.integers(), min_size=1, max_size=9)}),
    st.fixed_dictionaries({"pull_steps": st.lists(st.dictionaries(TEXTS, st.none(), min_size=1), min_size=1)}),
    st.fixed_dictionaries({"storage_document_id": st.uuids().map(str)}),
    st.fixed_dictionaries({"entrypoint": st.one_of(st.none(), TEXTS)}),
)


def asked(run: Any = RUN, deployment: Any = DEPLOYMENT, template: Any = TEMPLATE) -> list[str]:
    return demands(run, deployment, template, FLOWS["promote"])


def test_what_liftgate_registers_asks_for_nothing() -> None:
    assert asked() == []
    assert flow_refusal(RUN, "promote", DEPLOYMENT, "shop", FLOWS) == ""
    assert list(template_demands(ProcessWorker.get_default_base_job_template())) == [], "a pool to try Liftgate with"


@given(FOREIGN)
def test_anything_else_of_a_deployment_is_found_and_is_one_short_plain_sentence(foreign: dict[str, Any]) -> None:
    said = refusal_of(asked(deployment=DEPLOYMENT | foreign))
    assert "refused: " in said
    assert said.isascii() or "…" in said
    assert said.replace("…", "").isprintable()
    assert len(said) < 1000


@given(st.dictionaries(TEXTS, st.integers(), min_size=1))
def test_job_variables_of_a_run_are_found(variables: dict[str, int]) -> None:
    assert len(asked(run=RUN | {"job_variables": variables})) == 1


@given(st.sampled_from(["command", "env", "working_dir", "image", "anything"]), st.sampled_from(["fixed", "default"]))
def test_a_program_in_a_template_is_found_wherever_it_stands(name: str, where: str) -> None:
    template = ProcessWorker.get_default_base_job_template()
    if where == "fixed":
        template["job_configuration"][name] = "sh"
    else:
        template["job_configuration"][name] = f"{{{{ {name} }}}}"
        template["variables"]["properties"][name] = {"default": "sh"}
    assert list(template_demands(template)) == [f"settings of the work pool's template ({name})"]


def test_a_template_that_maps_one_variable_to_another_is_found() -> None:
    template = {"job_configuration": {"command": "{{ name }}"}, "variables": {"properties": {"name": {}}}}
    assert list(template_demands(template)) == ["settings of the work pool's template (command)"]


def test_a_deployment_of_another_installation_or_flow_is_refused() -> None:
    assert "shop-promote" in flow_refusal(RUN, "promote", DEPLOYMENT | {"name": "other-promote"}, "shop", FLOWS)
    assert flow_refusal(RUN | {"flow_id": "2"}, "promote", DEPLOYMENT, "shop", FLOWS)
    assert flow_refusal(RUN, "shell\n", DEPLOYMENT, "shop", FLOWS).startswith(
        "this worker has no flow shell\\n; it runs"
    )


def test_pull_steps_that_are_no_steps_are_found() -> None:
    assert list(deployment_demands(DEPLOYMENT | {"pull_steps": ["sh"]}, FLOWS["promote"]))
    assert list(deployment_demands(DEPLOYMENT | {"pull_steps": [PULL | {"x": {}}]}, FLOWS["promote"]))
