"""Time to validate SOPS-encrypted values files of many applications, compared with `json.loads` of the same bytes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from liftgate.domain.common.value import Json
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.sops import Sops
from liftgate.steps import config_validation
from liftgate.steps.context import Context
from tests.integrations.secrets.conftest import Place
from tools.bench.timing import Row, milliseconds, table
from tools.bench.values import document

APPLICATIONS = 500
ENVIRONMENTS = ("dev", "staging", "prod")


def report() -> str:
    """The section as Markdown."""
    contexts = list(_contexts())
    files = [context.data for context in contexts]
    measured = {
        "`json.loads` (the floor)": milliseconds(lambda: [json.loads(data) for data in files], 3),
        "all validation steps, SOPS' metadata and coverage included": milliseconds(lambda: _validate(contexts), 3),
    }
    floor = min(measured.values())
    rows: list[Row] = [(name, f"{ms / 1000:.2f}", f"{ms / floor:,.1f}") for name, ms in measured.items()]
    size = sum(map(len, files)) / len(files) / 1000
    about = (
        f"{len(files)} files of {size:.1f} kB: {APPLICATIONS} applications in {len(ENVIRONMENTS)} environments. sops"
        " encrypted one file for each environment, each with its own key. The other files are copies with other plain"
        " values, so they can still be decrypted.\n\n"
    )
    return about + table(("what", "s", "times the floor"), rows)


def _validate(contexts: list[Context]) -> None:
    for each in contexts:
        if (verdict := config_validation.run(replace(each))).failed:  # a copy, because a Context caches its file
            raise SystemExit(f"the benchmark's own values are invalid: {verdict.in_full}")


def _contexts() -> Iterator[Context]:
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        place = Place(Path(made))
        place.configure(*map(place.rule, ENVIRONMENTS))
        models = {environment: json.loads(place.put(environment, _values(environment))) for environment in ENVIRONMENTS}
        place.write("prod", _of("changed", models["prod"]))
        place.decrypted("prod")  # fails if the new name broke the encryption
        config = place.config
    for number in range(APPLICATIONS):
        name = f"shop-{number}"
        files = {f"configs/{environment}/{name}/values.json": _of(name, model) for environment, model in models.items()}
        for environment, (path, data) in zip(models, files.items(), strict=True):
            others = tuple((other, files[other]) for other in files if other != path)
            sops = Sops(config=config, others=others)
            yield Context(application=name, environment=environment, path=path, data=data, rules=Rules(), sops=sops)


def _values(environment: str) -> Json:
    values = document(1_200, "1.4.1")
    secrets = {"db": {"password": "hunter2", "host": "db.internal"}, "mail": {"smtpPassword": "hunter3"}}
    values["application"]["environment"] = {"name": environment, "configs": secrets}
    return values


def _of(name: str, model: Json) -> bytes:
    return json.dumps(model | {"application": model["application"] | {"name": name}}, indent=2).encode()
