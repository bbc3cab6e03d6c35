"""drift changes on a real remote: written once by whoever is first, believed only from the Liftgate server's
key."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from liftgate.cli.clone import Clone
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.drift.drift import Changed
from liftgate.domain.drift.record import Ending, Record
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.ledger.drift_files import append_drift, read_drift_files
from liftgate.integrations.ledger.git_branch import REF
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER
from tests.integrations.conftest import AUTHOR, Hosted

SIGNERS = read_allowed(ALLOWED_SIGNERS)
OVER = Ending(application="example-app", environment="prod", number=1, over=NOW + timedelta(minutes=5))


def drift(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "application": "example-app", "environment": "prod", "number": 1, "kind": "cluster moved",
        "objects": (Changed(object="Deployment/web", fields=("spec.replicas",)),), "seen": NOW,
    }  # fmt: skip
    return Record.model_validate(plain | changes)


@pytest.fixture
def mirror(hosted: Hosted) -> Mirror:
    mirror = hosted.mirror("server")
    mirror.fetch()
    return mirror


def test_written_twice_it_is_there_once(hosted: Hosted, mirror: Mirror) -> None:
    other = hosted.mirror("other")
    other.fetch()
    assert append_drift(mirror, drift(), AUTHOR, SERVER)
    assert not append_drift(mirror, drift(), AUTHOR, SERVER)
    assert not append_drift(other, drift(seen=NOW + timedelta(seconds=1)), AUTHOR, SERVER), "the other one was first"
    assert read_drift_files(other, SIGNERS) == [drift()]


def test_its_end_is_a_file_of_its_own(mirror: Mirror) -> None:
    append_drift(mirror, drift(), AUTHOR, SERVER)
    assert append_drift(mirror, OVER, AUTHOR, SERVER)
    assert not append_drift(mirror, OVER, AUTHOR, SERVER)
    assert read_drift_files(mirror, SIGNERS) == [drift(over=OVER.over)]


def test_what_the_worker_or_nobody_signed_did_not_happen(mirror: Mirror) -> None:
    append_drift(mirror, drift(), AUTHOR, WORKER)
    assert read_drift_files(mirror, SIGNERS) == []
    assert read_drift_files(mirror, ()) == []


def test_a_changed_or_copied_record_counts_nothing(mirror: Mirror) -> None:
    append_drift(mirror, drift(), AUTHOR, SERVER)
    tip = mirror.resolve(REF)
    file = mirror.file(tip, drift().path)
    assert file is not None
    changed = json.dumps(json.loads(file.data) | {"number": 2}).encode()
    files: dict[str, bytes | None] = {
        drift(number=2).path: changed,
        drift(number=3).path: file.data,
        "drift/example-app/prod/000004.json": b"{",
    }
    sha = mirror.write(tip, files, "by hand\n", NOW, AUTHOR, None)
    mirror.push(sha, REF, tip)
    mirror.fetch()
    assert read_drift_files(mirror, SIGNERS) == [drift()]


def test_a_clone_reads_them_without_a_server(mirror: Mirror, tmp_path: Path) -> None:
    append_drift(mirror, drift(), AUTHOR, SERVER)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "-b", "main", str(mirror.directory), str(clone)], check=True)
    assert Clone(str(clone)).drifts() == [drift()]
