"""What counts as an application's own files in an environment: by those alone a later commit supersedes or not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.approval.requester import Requester
from liftgate.domain.promotion.attempt import Promotion
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.own_files import is_unchanged
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.services.deployments import revision_standing
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW, RELEASE, SEED, text, values
from tests.integrations.conftest import AUTHOR, Hosted, hosted

__all__ = ["hosted"]
FOUND: dict[str, bytes | None] = {
    "liftgate.json": text(SEED),
    "configs/dev/values.json": text(values("dev")),
    "configs/dev/kustomization.yaml": b"resources: [../../base]\n",
    "configs/dev/patches/more.yaml": b"a: 1\n",
    "configs/dev/other/values.json": b'{"application": {"name": "other", "version": "1.0.0"}}',
    "configs/dev/other/kustomization.yaml": b"resources: []\n",
}
"""Two applications, told by their folders; the files of one lie around the other's."""
WRITTEN = FOUND | {
    "liftgate.json": text(
        SEED
        | {
            "applications": {
                "example-app": {"values": "app.json"},
                "beside": {"values": "beside.json"},
                "below": {"folder": "other", "values": "env/values.json"},
            }
        }
    ),
    "configs/dev/app.json": text(values("dev")),
    "configs/dev/beside.json": b"{}",
    "configs/dev/other/env/values.json": b"{}",
}


class Branch:
    def __init__(self, folder: Path, files: Mapping[str, bytes | None]) -> None:
        Git(folder)("init", "--bare", "-q", "config.git")
        self.repository = Repository(folder / "config.git")
        self.first = self.head = self.write("", files)

    def write(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        return self.repository.write(parent, files, "a change\n", NOW, AUTHOR, None)

    def is_unchanged(self, path: str, files: Mapping[str, bytes | None]) -> bool:
        later = self.write(self.first, files)
        return is_unchanged(ConfigSnapshot(self.repository, self.first), ConfigSnapshot(self.repository, later), [path])


@pytest.mark.parametrize(
    ("files", "unchanged"),
    [
        ({"README.md": b"hello"}, True),
        ({"configs/staging/values.json": b"{}"}, True),
        ({"configs/dev/other/values.json": b'{"application": {"name": "other", "version": "2.0.0"}}'}, True),
        ({"configs/dev/other/kustomization.yaml": b"resources: [x]"}, True),
        ({"configs/dev/other/values.json": None, "configs/dev/other/kustomization.yaml": None}, True),
        ({"configs/dev/new/values.json": b"{}", "configs/dev/new/more.yaml": b"b: 1"}, True),
        ({"configs/dev/other/values.json": b"{broken"}, True),
        ({"liftgate.json": b"{broken", "configs/dev/other/values.json": b"{}"}, True),
        ({"configs/dev/values.json": b"{}"}, False),
        ({"configs/dev/values.json": None}, False),
        ({"configs/dev/kustomization.yaml": b"resources: []"}, False),
        ({"configs/dev/patches/more.yaml": b"a: 2"}, False),
        ({"configs/dev/patches/new.yaml": b"a: 2"}, False),
    ],
)
def test_applications_told_by_their_folders(tmp_path: Path, files: dict[str, bytes | None], unchanged: bool) -> None:
    assert Branch(tmp_path, FOUND).is_unchanged("configs/dev/values.json", files) is unchanged


@pytest.mark.parametrize(
    ("files", "unchanged"),
    [
        ({"configs/dev/beside.json": b'{"a": 1}'}, True),
        ({"configs/dev/other/env/values.json": b'{"a": 1}', "configs/dev/other/any.yaml": b"c: 1"}, True),
        ({"configs/dev/app.json": b"{}"}, False),
        ({"configs/dev/patches/more.yaml": b"a: 2"}, False),
    ],
)
def test_applications_written_down(tmp_path: Path, files: dict[str, bytes | None], unchanged: bool) -> None:
    assert Branch(tmp_path, WRITTEN).is_unchanged("configs/dev/app.json", files) is unchanged


def test_an_application_that_a_later_commit_writes_down_is_a_neighbour_too(tmp_path: Path) -> None:
    wider = SEED | {"applications": {"example-app": {}, "more": {"folder": "patches", "values": "v.json"}}}
    alone = FOUND | {"liftgate.json": text(SEED | {"applications": {"example-app": {}}})}
    files: dict[str, bytes | None] = {"liftgate.json": text(wider), "configs/dev/patches/v.json": b"{}"}
    assert Branch(tmp_path, alone).is_unchanged("configs/dev/values.json", files)


def test_a_neighbours_commit_supersedes_no_promotion(hosted: Hosted, tmp_path: Path) -> None:
    ours = hosted.commit(FOUND)
    at = Integrations(from_variables(_variables(hosted, tmp_path)))
    at.git.fetch()
    promotion = Promotion(
        id="p-1", release=RELEASE, application="example-app", environment="dev", argocd=(("example-app-dev",),),
        paths=("configs/dev/values.json",), head=ours, requester=Requester(name="ada"), requested_at=NOW, revision=ours,
    )  # fmt: skip
    neighbours = hosted.commit({"configs/dev/other/values.json": b'{"application": {"name": "other"}}'})
    assert revision_standing(at, promotion, neighbours) == "accepted"
    of_a_person = hosted.commit({"configs/dev/kustomization.yaml": b"resources: []\n"})
    assert revision_standing(at, promotion, of_a_person) == "superseded"
    found = promotion.copy_with(found=True, head=of_a_person)
    assert revision_standing(at, found, of_a_person) == "accepted", (
        "a person's commit is verified as the branch was found"
    )


def _variables(hosted: Hosted, folder: Path) -> dict[str, Any]:
    return {
        "LIFTGATE_REPOSITORY__URL": f"{hosted.url}/shop/config.git",
        "LIFTGATE_REPOSITORY__TOKEN": hosted.tokens["liftgate-bot"],
        "LIFTGATE_STATE": str(folder / "state"),
    }


@pytest.mark.parametrize(
    ("files", "unchanged"),
    [
        ({"config/shop.prod.json": b'{"a": 2}', "config/pay.dev.json": b'{"a": 2}'}, True),
        ({"config/shop.dev.json": b'{"a": 2}'}, False),
        ({"config/common.yaml": b"a: 1\n"}, False),
    ],
)
def test_environments_beside_each_other_in_one_folder(
    tmp_path: Path, files: dict[str, bytes | None], unchanged: bool
) -> None:
    applications = {name: {"values": f"{name}.{{environment}}.json"} for name in ("shop", "pay")}
    written = {"environments": {"dev": "/config", "prod": "/config"}, "applications": applications}
    beside: dict[str, bytes | None] = {"liftgate.json": text(written)}
    beside |= {f"config/{name}.{environment}.json": b"{}" for name in applications for environment in ("dev", "prod")}
    assert Branch(tmp_path, beside).is_unchanged("config/shop.dev.json", files) is unchanged


def test_an_application_before_its_environments_has_its_own_folder(tmp_path: Path) -> None:
    applications = {name: {"folder": name, "values": "{environment}/values.json"} for name in ("shop", "pay")}
    written = {"environments": {"dev": "/apps", "prod": "/apps"}, "applications": applications}
    beside: dict[str, bytes | None] = {"liftgate.json": text(written), "apps/shop/dev/values.json": b"{}"}
    branch = Branch(tmp_path, beside)
    path = "apps/shop/dev/values.json"
    assert branch.is_unchanged(path, {"apps/pay/dev/more.yaml": b"a: 1", "apps/shop/prod/more.yaml": b"a: 1"})
    assert not branch.is_unchanged(path, {"apps/shop/dev/kustomization.yaml": b"a: 1"})
