"""Settings of steps: filled in, told apart by environment, and exactly those that the how-to names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.common.value import Value
from liftgate.steps import reading
from liftgate.steps.health_check import HealthCheck
from liftgate.steps.integration_test import IntegrationTest
from liftgate.steps.log_check import LogCheck
from liftgate.steps.metric_check import MetricCheck
from liftgate.steps.served_config import ServedConfig
from tests.steps.world import context

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "verification.md").read_text()
MODELS: dict[str, type[Value]] = {
    "served-config": ServedConfig,
    "health-check": HealthCheck,
    "integration-test": IntegrationTest,
    "log-check": LogCheck,
    "metric-check": MetricCheck,
}


def section(step: str) -> str:
    return PAGE.split(f"## {step}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("step", MODELS)
def test_the_how_to_names_every_setting_of_a_step(step: str) -> None:
    rows = [line.split("|")[1] for line in section(step).splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == {field.alias or name for name, field in MODELS[step].model_fields.items()}


@pytest.mark.parametrize("step", MODELS)
def test_the_examples_of_the_how_to_are_right(step: str) -> None:
    examples: list[dict[str, Any]] = [
        json.loads(text) for text in re.findall(r"```json\n(.*?)```", section(step), re.DOTALL)
    ]
    assert examples
    for example in examples:
        reading.read(MODELS[step], example[step], step)


def test_names_are_filled_in_and_other_braces_stay() -> None:
    text = 'https://{environment}/{application}/{version}/{revision}/{id}/up{job="x"}'
    assert reading.filled(text, context()) == f'https://prod/example-app/1.4.2/{"a" * 40}/{{id}}/up{{job="x"}}'


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a/{environment}", ["a/prod"]),
        (("a", "b"), ["a", "b"]),
        ({"prod": "a", "dev": "b"}, ["a"]),
        ({"prod": ("a", "b")}, ["a", "b"]),
        ({"dev": "b"}, []),
        ((), []),
    ],
)
def test_addresses_are_those_of_the_environment(written: reading.Addresses, found: list[str]) -> None:
    assert reading.addresses(written, context()) == found
