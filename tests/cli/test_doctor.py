"""What the doctor says of Argo CD: which right is missing, and the policies to copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_tests.argocd.conftest import lab
from sandbox_tests.argocd.lab import Lab

from liftgate.domain.manifests import scaffold
from liftgate.domain.manifests.project import policies
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.scaffold import templates
from tests.cli.conftest import Folder, Said
from tests.ssh_server import ssh_server

__all__ = ["lab"]
Doctor = Callable[..., tuple[str, str]]
ANYWHERE = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}


@pytest.fixture
def doctor(lab: Lab, tmp_path: Path, liftgate: Callable[..., Said]) -> Doctor:
    """Call it as `doctor(*rights)`: state and reason of its check of Argo CD, by a token whose role has these."""
    files = scaffold.files(Scaffold(application="promo", repository=lab.url, environments=("dev",)), templates())
    configuration = json.loads(files["liftgate.json"])
    configuration["applications"]["promo"]["checks"] = {"log-check": {"must": ["ready"]}}
    for path, text in (files | {"liftgate.json": json.dumps(configuration)}).items():
        lab.config.write(path, text)
    lab.config.commit()
    settings = {
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_REPOSITORY__URL": lab.url,
        "LIFTGATE_ARGOCD__URL": lab.served.url,
        "LIFTGATE_ARGOCD__TOKEN": lab.argocd.token("promo", "promoter"),
        "LIFTGATE_ARGOCD__PROJECT": "promo",
    }

    def call(*rights: str, check: str = "Argo CD", **changes: str) -> tuple[str, str]:
        given = [policy for policy in policies("promo") if any(f"{right}," in policy for right in rights)]
        lab.argocd.project("promo", ANYWHERE | {"roles": [{"name": "promoter", "policies": given}]})
        checks = liftgate("doctor", "--json", **settings | changes).data["checks"]
        found = next(one for one in checks if one["check"] == check)
        return found["state"], found["reason"]

    return call


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ((), "permission denied"),
        (("applications, get",), "the token may not sync promo-dev"),
        (("applications, get", "applications, sync"), "log-check may not read the logs of promo-dev"),
    ],
)
def test_a_missing_right_comes_with_the_policies_to_copy(
    rights: tuple[str, ...], words: str, lab: Lab, doctor: Doctor
) -> None:
    lab.create("promo-dev", "configs/dev").raise_for_status()
    state, reason = doctor(*rights)
    assert state == "failed"
    assert words in reason
    assert all(policy in reason for policy in policies("promo"))


def test_with_the_rights_that_liftgate_writes_all_is_well(lab: Lab, doctor: Doctor) -> None:
    lab.create("promo-dev", "configs/dev").raise_for_status()
    assert doctor("applications, get", "applications, sync", "logs, get")[0] == "passed"


def test_a_missing_application_says_how_to_make_it(doctor: Doctor) -> None:
    state, reason = doctor("applications, get", "applications, sync", "logs, get")
    assert state == "failed"
    assert "project promo has no Argo CD Application promo-dev; liftgate manifests writes them" in reason


def test_a_misspelled_variable_fails_the_check_of_the_settings(liftgate: Callable[..., Said]) -> None:
    said = liftgate("doctor", "--json", LIFTGATE_ARGOCD_URL="https://argocd.example.com")
    found = next(check for check in said.data["checks"] if check["check"] == "settings")
    assert (said.code, said.data["ok"], found["state"]) == (1, False, "failed")
    assert 'did you mean "LIFTGATE_ARGOCD__URL"?' in found["reason"]


ALL = ("applications, get", "applications, sync", "logs, get")


def test_a_token_of_another_project_says_which_one_it_is(lab: Lab, doctor: Doctor) -> None:
    lab.create("promo-dev", "configs/dev").raise_for_status()
    state, reason = doctor(*ALL, LIFTGATE_ARGOCD__PROJECT="shop")
    assert state == "failed"
    assert "set LIFTGATE_ARGOCD__PROJECT=promo" in reason


@pytest.mark.parametrize("scheme", ["", "https://"])
def test_a_wrong_address_comes_with_the_right_one(lab: Lab, doctor: Doctor, scheme: str) -> None:
    lab.create("promo-dev", "configs/dev").raise_for_status()
    state, reason = doctor(*ALL, LIFTGATE_ARGOCD__URL=lab.served.url.replace("http://", scheme))
    assert (state, reason.endswith(f"set LIFTGATE_ARGOCD__URL={lab.served.url}")) == ("failed", True)


def test_an_address_that_is_none_is_a_sentence_and_no_traceback(doctor: Doctor) -> None:
    state, reason = doctor(*ALL, LIFTGATE_ARGOCD__URL="http://127.0.0.1:99999")
    assert (state, "its port is no number" in reason) == ("failed", True)


def test_deployments_without_a_progress_deadline_are_named_and_fail_nothing(lab: Lab, doctor: Doctor) -> None:
    lab.create("promo-dev", "configs/dev").raise_for_status()
    assert doctor(*ALL, check="rollouts")[0] == "passed"
    path = "manifests/deployment.yaml"
    text = (lab.config.folder / path).read_text()
    lab.config.write(path, text.replace("progressDeadlineSeconds: 120", "paused: false"))
    lab.config.commit()
    lab.refresh("promo-dev")
    state, reason = doctor(*ALL, check="rollouts")
    assert state == "not configured"
    assert "progressDeadlineSeconds: 120 in the Deployment promo" in reason


def test_a_repository_over_ssh_is_reached_with_the_key_and_the_host_keys_of_the_settings(
    clone: Folder, tmp_path: Path, liftgate: Callable[..., Said]
) -> None:
    with ssh_server(tmp_path / "server") as server:
        (tmp_path / "hosts").write_text(server.known_hosts)
        settings = {
            "LIFTGATE_STATE": str(tmp_path / "state"),
            "LIFTGATE_REPOSITORY__URL": f"{server.address}{clone.path}",
            "LIFTGATE_REPOSITORY__SSH_KEY": str(server.folder / "client"),
            "LIFTGATE_REPOSITORY__KNOWN_HOSTS": str(tmp_path / "hosts"),
        }
        right = repository_of(liftgate("doctor", "--json", **settings))
        (tmp_path / "hosts").write_text("git.example.com ssh-ed25519 AAAA\n")
        wrong = repository_of(liftgate("doctor", "--json"))
    assert right["state"] == "passed"
    assert right["reason"].startswith("can be read over SSH; main is at ")
    assert wrong["state"] == "failed"
    assert "no host key is known for [127.0.0.1]" in wrong["reason"]


def repository_of(said: Said) -> dict[str, str]:
    found: dict[str, str] = next(one for one in said.data["checks"] if one["check"] == "repository")
    return found
