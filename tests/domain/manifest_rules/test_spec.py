"""What an Application says of itself: each mistake is named at its place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from liftgate.domain.manifests import application_set as manifests_set
from tests.domain.manifest_cases import PLACES, TARGET, URL, application, application_set, found, source, the


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        (None, "spec.destination is missing"),
        ({"namespace": "shop"}, "no cluster"),
        ({"server": "https://a.example.com", "name": "a", "namespace": "shop"}, "twice"),
        ({"name": "a"}, "no namespace"),
    ],
)
def test_a_destination_must_be_whole(destination: Any, words: str) -> None:
    assert words in the("destination", application(destination=destination)).message


def test_an_application_needs_a_project() -> None:
    assert "spec.project is missing" in the("project", application(project=None)).message


def test_prod_must_not_be_in_the_default_project() -> None:
    assert not the("project", application("prod", project="default")).blocking
    assert found(application("dev", project="default")) == []


def test_everything_by_one_set_in_the_default_project_is_prod_too() -> None:
    template = manifests_set.application_set(PLACES, TARGET)["spec"]["template"]
    template["spec"]["project"] = "default"
    assert "prod is in the project default" in the("project", application_set(template=template)).message


@pytest.mark.parametrize("text", ["configs/${env}", "configs/{{env}}"])
def test_nobody_fills_in_a_placeholder(text: str) -> None:
    assert "placeholder" in {finding.rule for finding in found(application(source=source(path=text)))}


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (None, "auto-sync is off"),
        ({"automated": {"enabled": False}}, "auto-sync is off"),
        ({"automated": {"selfHeal": True}}, "without prune"),
        ({"automated": {"prune": True}}, "without selfHeal"),
    ],
)
def test_what_auto_sync_leaves_undone_is_said(policy: Any, words: str) -> None:
    finding = the("auto-sync", application(syncPolicy=policy))
    assert words in finding.message
    assert not finding.blocking


@pytest.mark.parametrize("revision", ["f" * 40, "v1.4.2", "1.4.2"])
def test_a_revision_that_never_moves_lets_no_promotion_arrive(revision: str) -> None:
    assert the("fixed-revision", application(source=source(targetRevision=revision))).blocking


def test_credentials_in_an_address_are_told_and_not_shown() -> None:
    finding = the("credentials", application(source=source(repoURL=URL.replace("//", "//ada:hunter2@"))))
    assert finding.blocking
    assert "hunter2" not in str(finding)


def test_an_ssh_address_needs_its_secret_once() -> None:
    url = "git@git.example.com:shop/config.git"
    both = [application(name, source=source(repoURL=url, path=f"configs/{name}")) for name in ("dev", "prod")]
    the("repository-secret", "---\n".join(both))
    secret = {
        "kind": "Secret",
        "metadata": {"name": "config", "labels": {"argocd.argoproj.io/secret-type": "repo-creds"}},
        "stringData": {"url": "git@git.example.com:shop", "sshPrivateKey": "hunter2"},
    }
    assert found("---\n".join([*both, yaml.safe_dump(secret)])) == []
