"""The plan, offline on a clone: never refused for a gate, and every gate that does not hold is named."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from tests.cli.conftest import AUTHOR, Folder, Said, git
from tests.examples import NOW, SEED, WORKER, entry, text, values

Liftgate = Callable[..., Said]


def plan(liftgate: Liftgate, clone: Folder, to: str, *more: str) -> Any:
    said = liftgate("plan", "example-app", "--to", to, "--repo", str(clone.path), "--json", *more)
    assert said.code == 0, said.err
    return said.data


def gates(data: Any) -> dict[str, str]:
    return {each["gate"]: each["state"] for each in data["gates"]}


def release_id(clone: Folder) -> str:
    repository = Repository(clone.path)
    return ConfigSnapshot(repository, repository.resolve("HEAD")).newest_release("example-app").id


def test_while_upstream_has_verified_nothing_the_newest_release_is_shown(clone: Folder, liftgate: Liftgate) -> None:
    data = plan(liftgate, clone, "prod")
    assert data["version"] == "1.4.2"
    assert [row["pointer"] for row in data["rows"]] == ["/application/version"]
    found = {"content": "passed", "upstream": "failed", "history": "passed", "approvals": "pending", "schema": "passed"}
    assert gates(data) == found
    assert data["deliver"] == "pull-request"


def test_until_something_is_promoted_plan_and_status_say_where_to_begin(clone: Folder, liftgate: Liftgate) -> None:
    def upstream(to: str) -> str:
        found: dict[str, str] = {each["gate"]: each["reason"] for each in plan(liftgate, clone, to)["gates"]}
        return found["upstream"]

    def sentences() -> list[str]:
        data = liftgate("status", "--repo", str(clone.path), "--json", LIFTGATE_PREFECT__API_URL="").data
        return [cell["sentence"] for cell in data["board"]]

    assert upstream("prod").endswith("promote it to staging first; nothing is verified in dev yet, so begin with dev")
    assert upstream("staging").endswith("so it may not go to staging; promote it to dev first")
    first = "not promoted yet; promote to dev first"
    assert sentences() == ["not promoted yet; to begin: liftgate promote example-app --to dev", first, first]
    clone.record(
        entry(environment="dev", release=release_id(clone), source=clone.commit_of("configs/base/values.json"))
    )
    assert upstream("prod").endswith("so it may not go to prod; promote it to staging first")
    assert sentences()[1:] == [
        "not promoted yet; to begin: liftgate promote example-app --to staging",
        "not promoted yet; promote to staging first",
    ]


def test_what_upstream_has_verified_is_what_comes_next(clone: Folder, liftgate: Liftgate) -> None:
    source = clone.commit_of("configs/base/values.json")
    clone.record(entry(environment="staging", release=release_id(clone), source=source))
    clone.put("configs/base/values.json", text(values("base", "1.5.0")))
    clone.commit()
    data = plan(liftgate, clone, "prod")
    assert data["version"] == "1.4.2"
    assert gates(data)["upstream"] == "passed"
    assert plan(liftgate, clone, "prod", "--release", "1.5.0")["version"] == "1.5.0"


def test_a_release_that_was_rolled_back_there_is_said_to_be(clone: Folder, liftgate: Liftgate) -> None:
    source = clone.commit_of("configs/base/values.json")
    bad = entry(environment="prod", release=release_id(clone), source=source, outcome="rolled back", reason="it broke")
    clone.record(bad)
    data = plan(liftgate, clone, "prod")
    assert gates(data)["history"] == "failed"
    assert "it broke" in str(data["gates"])


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "exmple", "--to", "prd"),
        ("promote", "exmple", "--to", "prd"),
        ("update", "exmple", "--in", "prd", "--set", "/a=1"),
        ("rollback", "exmple", "--in", "prd"),
        ("history", "--application", "exmple", "--environment", "prd"),
        ("audit", "--votes", "--application", "exmple", "--environment", "prd"),
    ],
    ids=lambda command: command[0],
)
def test_every_unknown_name_is_told_at_once(command: tuple[str, ...], clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate(*command, "--repo", str(clone.path))
    assert said.code == 3
    assert said.err.splitlines() == [
        'liftgate: there is no application "exmple"; did you mean "example-app"?',
        'there is no environment "prd"; did you mean "prod"?',
    ]


def test_a_plan_without_a_change_says_what_a_promotion_would_do(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/base/values.json", text(values("base", "1.4.1")))
    clone.commit()
    data = plan(liftgate, clone, "dev")
    assert data["rows"] == []
    assert data["gates"][0]["reason"] == "nothing to change; a promotion verifies what is there"


def test_the_first_environment_needs_nobody(clone: Folder, liftgate: Liftgate) -> None:
    assert set(gates(plan(liftgate, clone, "dev")).values()) == {"passed"}


@pytest.mark.parametrize(("branch", "where"), [("liftgate/pause-all", ""), ("liftgate/pause/prod", "to prod ")])
def test_a_pause_that_the_clone_has_fetched_is_a_gate_that_waits(
    branch: str, where: str, clone: Folder, liftgate: Liftgate
) -> None:
    git(clone.path, "commit", "-q", "--allow-empty", "-m", "the database is down")
    git(clone.path, "update-ref", f"refs/remotes/origin/{branch}", "HEAD")
    gate = next(each for each in plan(liftgate, clone, "prod")["gates"] if each["gate"] == "pause")
    assert gate["state"] == "pending"
    assert f"promotions {where}are paused by Ada" in gate["reason"]
    assert gate["reason"].endswith(": the database is down")
    assert "the database is down" in liftgate("plan", "example-app", "--to", "prod", "--repo", str(clone.path)).out
    assert ("pause" in gates(plan(liftgate, clone, "dev"))) is (not where)


def test_an_update_is_planned_by_its_pointers(clone: Folder, liftgate: Liftgate) -> None:
    data = plan(
        liftgate, clone, "dev", "--set", "/application/features/search=false", "--unset", "/application/version"
    )
    assert data["kind"] == "update"
    assert {row["pointer"]: row["kind"] for row in data["rows"]} == {
        "/application/features/search": "replace",
        "/application/version": "remove",
    }
    assert "upstream" not in gates(data)


def test_the_values_after_the_plan_are_checked_with_the_targets_own_schema(clone: Folder, liftgate: Liftgate) -> None:
    application = {"properties": {"application": {"properties": {"version": {"pattern": r"^1\.4\.[01]$"}}}}}
    clone.put("liftgate.json", text(SEED | {"applications": {"example-app": {"schema": "schema.json"}}}))
    clone.put("schema.json", b"{}")
    clone.put("schema.prod.json", text(application))
    clone.commit()
    assert gates(plan(liftgate, clone, "dev"))["schema"] == "passed"
    data = plan(liftgate, clone, "prod")
    (found,) = [each for each in data["gates"] if each["gate"] == "schema"]
    assert found["state"] == "failed"
    assert "configs/prod/values.json:4:5: /application/version" in found["reason"]
    assert gates(plan(liftgate, clone, "prod", "--set", "/application/features/search=false"))["schema"] == "passed"


@pytest.mark.parametrize("more", [(), ("--set", "/application/features/search=false")])
def test_a_schema_that_is_missing_is_a_mistake(more: tuple[str, ...], clone: Folder, liftgate: Liftgate) -> None:
    clone.put("liftgate.json", text(SEED | {"applications": {"example-app": {"schema": "gone.json"}}}))
    clone.commit()
    said = liftgate("plan", "example-app", "--to", "prod", "--repo", str(clone.path), *more)
    assert said.code == 5
    assert "applications.example-app.schema: there is no gone.json" in said.err


def test_a_downgrade_is_said_in_the_first_line_and_must_be_allowed(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/dev/values.json", text(values("dev", "1.4.3")))
    clone.commit()
    data = plan(liftgate, clone, "dev")
    assert (data["older_than"], gates(data)["age"]) == ("1.4.3", "failed")
    allowed = plan(liftgate, clone, "dev", "--allow-downgrade")
    assert gates(allowed)["age"] == "passed"
    assert allowed["hash"] != data["hash"]
    said = liftgate("plan", "example-app", "--to", "dev", "--repo", str(clone.path)).out
    assert said.startswith("example-app → dev: DOWNGRADE from 1.4.3 to the older release 1.4.2 (")
    assert "--allow-downgrade" in said


def test_null_is_set_and_a_key_with_a_slash_is_asked_for(clone: Folder, liftgate: Liftgate) -> None:
    (row,) = plan(liftgate, clone, "dev", "--set", "/application/features/search=null")["rows"]
    assert (row["kind"], row["after"]) == ("replace", "null")
    clone.put("configs/dev/values.json", text(values("dev") | {"labels": {"example.com/team": "a"}}))
    clone.commit()
    for words in (("--unset", "/labels/example.com/team"), ("--set", '/labels/example.com/team="b"')):
        said = liftgate("plan", "example-app", "--to", "dev", *words, "--repo", str(clone.path))
        assert said.code == 3
        assert "did you mean /labels/example.com~1team?" in said.err


def test_an_update_of_several_files_names_one(clone: Folder, liftgate: Liftgate) -> None:
    written = json.loads((clone.path / "liftgate.json").read_text())
    written.setdefault("applications", {}).setdefault("example-app", {})["values"] = ["values.json", "features.json"]
    clone.put("liftgate.json", text(written))
    clone.put("configs/dev/features.json", text({"flags": {"beta": False}}))
    clone.commit()
    data = plan(liftgate, clone, "dev", "--set", "/flags/beta=true", "--file", "features.json")
    assert [(row["file"], row["pointer"]) for row in data["rows"]] == [("features.json", "/flags/beta")]
    assert [each["path"] for each in data["files"]] == ["configs/dev/features.json", "configs/dev/values.json"]
    said = liftgate("plan", "example-app", "--to", "dev", "--set", "/flags/beta=true", "--repo", str(clone.path))
    assert (said.code, "say with --file which one changes: features.json, values.json" in said.err) == (3, True)


def test_only_what_is_committed_is_planned(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/base/values.json", text(values("base", "9.9.9")))
    assert plan(liftgate, clone, "dev")["version"] == "1.4.2"


def test_the_text_has_colours_only_on_a_terminal(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("plan", "example-app", "--to", "prod", "--repo", str(clone.path))
    assert "\x1b" not in said.out
    assert '"1.4.1" → "1.4.2"' in said.out or "1.4.1 → 1.4.2" in said.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("example-app", "--to", "prd"), 3, 'did you mean "prod"?'),
        (("exampl-app", "--to", "prod"), 3, 'did you mean "example-app"?'),
        (("example-app", "--to", "prod", "--release", "1.4.3"), 3, 'did you mean "1.4.2"?'),
        (("example-app", "--to", "dev", "--set", "application/version=1"), 2, "application/version"),
        (("example-app", "--to", "dev", "--set", "/application/version=1.4.2"), 2, "is not JSON"),
        (("example-app", "--to", "dev", "--set", "/a=18446744073709551616"), 2, "beyond 2^53"),
        (("example-app", "--to", "dev", "--set", "/a=1e400"), 2, "larger than an IEEE double"),
        (("example-app", "--to", "dev", "--set", "/a=NaN"), 2, "NaN"),
        (("example-app", "--to", "dev", "--set", '/a="\\ud800"'), 2, "half of a surrogate pair"),
        (("example-app", "--to", "dev", "--set", "/a=" + "[" * 60_000), 2, "nested deeper than 64"),
        (("example-app", "--to", "dev", "--set", "/a~2=1"), 2, "/a~2"),
        (("example-app", "--to", "dev", "--set", "/a"), 2, "POINTER=JSON"),
        (("example-app",), 2, "--to"),
    ],
)
def test_a_wrong_word_is_one_clear_sentence(
    arguments: tuple[str, ...], code: int, words: str, clone: Folder, liftgate: Liftgate
) -> None:
    said = liftgate("plan", *arguments, "--repo", str(clone.path))
    assert said.code == code
    assert words in said.err
    assert "Traceback" not in said.err


def test_malformed_values_are_refused_with_their_place(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/prod/values.json", b'{"application": {"name": "example-app",}}\n')
    clone.commit()
    said = liftgate("plan", "example-app", "--to", "prod", "--repo", str(clone.path))
    assert said.code == 3
    assert "configs/prod/values.json:1:" in said.err


def test_a_repository_without_a_commit_is_named(clone: Folder, liftgate: Liftgate) -> None:
    (clone.path / ".git").rename(clone.path.parent / "elsewhere")
    said = liftgate("plan", "example-app", "--to", "prod", "--repo", str(clone.path))
    assert said.code == 5
    assert "no commit to read" in said.err


def test_a_shallow_clone_is_refused_with_the_command_that_completes_it(
    clone: Folder, liftgate: Liftgate, tmp_path: Path
) -> None:
    """Continuous integration clones only the newest commit, unless it is told."""
    promoted = clone.commit_of("configs/base/values.json")
    trailers = "Promotion-Id: one\nPromotion-Application: example-app\nPromotion-Environment: prod\n"
    said = f"Promote\n\n{trailers}Promotion-Source: {promoted}\n"
    files: dict[str, bytes | None] = {"configs/prod/values.json": text(values("prod", "1.4.2"))}
    sha = Repository(clone.path).write(clone.commit(), files, said, NOW, AUTHOR, WORKER)
    git(clone.path, "reset", "-q", "--hard", sha)
    search = values("prod", "1.4.2")
    search["application"]["features"]["search"] = False
    clone.put("configs/prod/values.json", text(search))
    clone.put("configs/base/values.json", text(values("base", "1.5.0")))
    clone.commit()
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{clone.path}", "shallow")
    shallow = Folder(tmp_path / "shallow")
    refused = liftgate("plan", "example-app", "--to", "prod", "--repo", str(shallow.path))
    assert refused.code == 5
    command = refused.err.partition("run: ")[2].strip()
    assert command.startswith(f"git -C {shallow.path} fetch --unshallow ")
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    data = plan(liftgate, shallow, "prod")
    assert {row["pointer"]: row["kind"] for row in data["rows"]} == {
        "/application/version": "replace",
        "/application/features/search": "kept",
    }
