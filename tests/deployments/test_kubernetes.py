"""The worker's Deployment: it starts Liftgate's own worker with settings that exist, and without rights."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from liftgate.cli.parser import parse
from liftgate.runtime.own_settings import PROGRAMS
from liftgate.runtime.project import project_root

FOLDER = project_root() / "deployments" / "kubernetes"


@pytest.fixture
def pod() -> Any:
    (deployment,) = yaml.safe_load_all((FOLDER / "worker.yaml").read_text())
    assert deployment["kind"] == "Deployment"
    return deployment["spec"]["template"]["spec"]


def test_it_runs_liftgates_own_worker(pod: Any) -> None:
    (container,) = pod["containers"]
    program, *arguments = container["command"]
    assert program == "liftgate"
    assert parse(arguments).command == "worker"


def test_every_setting_is_one_of_the_workers(pod: Any) -> None:
    (container,) = pod["containers"]
    named = [variable["name"] for variable in container["env"] if variable["name"] != "HOME"]
    named += re.findall(r"LIFTGATE_\w+", (FOLDER / "README.md").read_text())
    assert [name for name in named if "worker" not in PROGRAMS[name]] == []


def test_it_has_no_rights_in_the_cluster_and_on_its_node(pod: Any) -> None:
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    limits = container["securityContext"]
    assert (limits["allowPrivilegeEscalation"], limits["readOnlyRootFilesystem"]) == (False, True)
    assert limits["capabilities"] == {"drop": ["ALL"]}
