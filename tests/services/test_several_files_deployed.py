"""Several values files in the cluster: one commit brings them, the ledger copies them, a rollback takes all back."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.message import PATH, SOURCE_PATH
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.integrations.ledger.backup import find_backup
from liftgate.integrations.ledger.git_branch import REF
from tests.examples import text, values
from tests.lab import configured
from tests.services.course import Course

APP = "example-app"
FEATURES = "configs/dev/features.json"
BOTH = [FEATURES, "configs/dev/values.json"]


def features(**flags: Any) -> bytes:
    return text({"flags": flags})


@pytest.fixture
def several(course: Course) -> Course:
    written = configured(course.lab, rules=[{"pointer": "/flags/**", "owner": "promote"}])
    written["applications"][APP]["values"] = "*s.json"
    files = {f"configs/{name}/features.json": features(beta=False) for name in ("base", "dev")}
    course.lab.commit({"liftgate.json": text(written), **files})
    course.at.git.fetch()
    return course


def promote(course: Course, version: str, files: dict[str, bytes | None]) -> Entry:
    course.lab.commit({"configs/base/values.json": text(values("base", version)), **files})
    entry = course.finish(course.commit(course.begin(course.start("promote", to="dev"))))
    assert entry.outcome == "promoted", entry
    return entry


def content(course: Course, path: str, commit: str = "") -> bytes:
    course.at.git.fetch()
    file = course.at.git.file(commit or course.at.git.head, path)
    return file.data if file else b""


def test_one_commit_brings_all_files_and_the_way_back_takes_all_of_them(several: Course) -> None:
    first = promote(several, "1.4.2", {"configs/base/features.json": features(beta=True)})
    own = find_promotion_commit(several.at.git, several.at.git.fetch(), first.promotion)
    assert own is not None
    assert sorted(own.trailers[PATH]) == list(first.values_paths) == BOTH
    assert sorted(own.trailers[SOURCE_PATH]) == ["configs/base/features.json", "configs/base/values.json"]
    tip = several.at.git.resolve(REF)
    assert content(several, f"verified/{APP}/dev/features.json", tip) == content(several, FEATURES)
    assert content(several, f"promoted/{APP}/dev/features.json", tip) == features(beta=True)
    there = {path: content(several, path) for path in BOTH}

    promote(several, "1.4.3", {"configs/base/limits.json": text({"rate": 5})})
    assert content(several, "configs/dev/limits.json") == text({"rate": 5})
    back = several.roll_back()
    assert back.outcome == "verified", back
    assert {path: content(several, path) for path in BOTH} == there
    assert content(several, "configs/dev/limits.json") == b""

    promote(several, "1.4.4", {"configs/base/features.json": features(beta=True, fast=True)})
    restored = several.roll_back(back_to=first.promotion)
    assert restored.outcome == "verified", restored
    assert {path: content(several, path) for path in BOTH} == there
    backup = find_backup(several.at.git, several.at.entries(APP), APP, "dev")
    assert backup is not None
    assert {each.path: each.copy_of == each.original for each in backup.files} == dict.fromkeys(BOTH, True)


def test_an_update_changes_one_file_and_names_all(several: Course) -> None:
    run = several.start("update", environment="dev", changes={"/flags/beta": True}, file="features.json")
    entry = several.finish(several.commit(several.begin(run)))
    assert entry.good
    assert list(entry.values_paths) == BOTH
    assert content(several, FEATURES) == features(beta=True)
