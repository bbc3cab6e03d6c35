"""Rulesets as GitHub has them: who may change them, and what they refuse at a push, at a merge, and to whom."""

from __future__ import annotations

import subprocess
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sandbox_tests.forge.world import World, git

REVIEWS = {
    "required_approving_review_count": 0,
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_review_thread_resolution": False,
}


def rule(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"type": kind} | ({"parameters": parameters} if parameters else {})


def protect(world: World, *rules: dict[str, Any], include: str = "refs/heads/main", **more: Any) -> Any:
    body = {
        "name": f"rules of {include}",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [include], "exclude": []}},
        "rules": list(rules),
    }
    with world.api("owner") as api:
        answer = api.post("/rulesets", json=body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def worker(world: World) -> dict[str, Any]:
    user = world.forge.store.user("liftgate-bot")
    assert user
    return {"actor_type": "User", "actor_id": user.id, "bypass_mode": "always"}


_NUMBERS = count()


def pushed(world: World, refspec: str, *, who: str = "ada", path: Path | None = None) -> str:
    """Git's complaint about the push of an empty commit; empty if it was taken."""
    clone = path or world.clone(who)
    # Two commits of one second with the same message would be one commit, and the second push would change nothing.
    git(clone, "commit", "--quiet", "--allow-empty", "-m", f"direct {next(_NUMBERS)}")
    done = git(clone, "push", world.remote(who), refspec, check=False)
    return done.stderr if done.returncode else ""


def test_only_an_administrator_changes_them_and_only_one_is_told_who_may_bypass(world: World) -> None:
    made = protect(world, rule("deletion"), bypass_actors=[worker(world)])
    for who in ("ada", "liftgate-bot"):
        with world.api(who) as api:
            assert api.put(f"/rulesets/{made['id']}", json={"rules": []}).status_code == 403
            assert "bypass_actors" not in api.get(f"/rulesets/{made['id']}").json()
    with world.api("liftgate-bot") as api:
        assert api.get(f"/rulesets/{made['id']}").json()["current_user_can_bypass"] == "always"
    with world.api("owner") as api:
        changed = api.put(f"/rulesets/{made['id']}", json={"enforcement": "disabled"}).json()
        assert (changed["enforcement"], changed["rules"]) == ("disabled", [{"type": "deletion"}])
        assert api.get("/rules/branches/main").json() == []
        assert api.delete(f"/rulesets/{made['id']}").status_code == 204
        assert api.get("/rulesets").json() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "rules of refs/heads/main"}, "Name must be unique"),
        ({"rules": [{"type": "no_such"}]}, "no_such"),
        ({"rules": [{"type": "pull_request", "parameters": {}}]}, "required_approving_review_count"),
        ({"bypass_actors": [{"actor_type": "User", "actor_id": 99}]}, "Actor must be part of"),
        ({"enforcement": "on"}, "enforcement"),
    ],
)
def test_what_it_does_not_know_is_refused(world: World, wrong: dict[str, Any], said: str) -> None:
    protect(world, rule("deletion"))
    with world.api("owner") as api:
        answer = api.post("/rulesets", json={"name": "another", "enforcement": "active"} | wrong)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_push_past_the_rules_is_refused_but_for_who_may_bypass(world: World) -> None:
    world.commit({"a": "1"})
    pull_request = rule("pull_request", **REVIEWS)
    protect(world, pull_request, bypass_actors=[worker(world)])
    refused = pushed(world, "HEAD:main")
    assert "GH013: Repository rule violations found for refs/heads/main." in refused
    assert "- Changes must be made through a pull request." in refused
    assert not pushed(world, "HEAD:other")
    assert not pushed(world, "HEAD:main", who="liftgate-bot")


def test_history_is_neither_rewritten_nor_deleted(world: World) -> None:
    world.commit({"a": "1"})
    head = world.commit({"a": "2"}, branch="release")
    protect(world, rule("deletion"), rule("non_fast_forward"), include="refs/heads/rel*")
    clone = world.clone("ada", "--branch=release")
    assert "- Cannot force-push" in pushed(world, "+HEAD~2:release", path=clone)
    assert "- Cannot delete" in pushed(world, ":release", path=clone)
    with world.api() as api:
        assert api.patch("/git/refs/heads/release", json={"sha": head, "force": True}).status_code == 422
        assert api.delete("/git/refs/heads/release").status_code == 422
    assert not pushed(world, "HEAD:release", path=clone)


def test_branches_of_a_pattern_are_the_workers_alone(world: World) -> None:
    head = world.commit({"a": "1"})
    kinds = (rule("creation"), rule("update", update_allows_fetch_and_merge=False), rule("deletion"))
    protect(world, *kinds, include="refs/heads/liftgate/promotions/**", bypass_actors=[worker(world)])
    branch = "liftgate/promotions/1"
    assert "creations being restricted" in pushed(world, f"HEAD:refs/heads/{branch}")
    assert not pushed(world, f"HEAD:refs/heads/{branch}", who="liftgate-bot")
    assert "Cannot update" in pushed(world, f"+HEAD:refs/heads/{branch}")
    assert "Cannot delete" in pushed(world, f":refs/heads/{branch}")
    assert not pushed(world, "HEAD:refs/heads/liftgate/pause-all")
    with world.api() as api:
        assert api.post("/git/refs", json={"ref": f"refs/heads/{branch}2", "sha": head}).status_code == 422
    with world.api("liftgate-bot") as api:
        assert api.post("/git/refs", json={"ref": f"refs/heads/{branch}2", "sha": head}).status_code == 201


def test_commits_need_a_signature_that_is_the_committers_own(world: World, tmp_path: Path) -> None:
    world.commit({"a": "1"})
    protect(world, rule("required_signatures"))
    assert "- Commits must have verified signatures." in pushed(world, "HEAD:main")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    clone = world.clone()
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", f"{key}.pub"), ("commit.gpgsign", "true")):
        git(clone, "config", name, value)
    assert "verified signatures" in pushed(world, "HEAD:main", path=clone)
    with world.api() as api:
        home = world.home.partition("/repos/")[0]
        known = api.post(f"{home}/user/ssh_signing_keys", json={"key": key.with_suffix(".pub").read_text()})
    assert known.status_code == 201
    assert not pushed(world, "HEAD:main", path=clone)


def merged(world: World, pull: str, who: str = "ada") -> str:
    with world.api(who) as api:
        answer = api.put(f"{pull}/merge", json={})
    return "" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['message']}"


def test_a_merge_needs_the_required_status(world: World) -> None:
    pull = world.proposal()
    checks = [{"context": "liftgate"}]
    protect(
        world,
        rule("required_status_checks", required_status_checks=checks, strict_required_status_checks_policy=False),
        bypass_actors=[worker(world)],
    )
    assert merged(world, pull).endswith('Required status check "liftgate" is expected.')
    with world.api() as api:
        head = api.get(pull).json()["head"]["sha"]
        api.post(f"/statuses/{head}", json={"state": "success", "context": "liftgate"})
    assert merged(world, pull) == ""


def test_a_merge_of_who_may_bypass_needs_nothing(world: World) -> None:
    pull = world.proposal()
    parameters = REVIEWS | {"required_approving_review_count": 2}
    protect(world, rule("pull_request", **parameters), bypass_actors=[worker(world)])
    assert merged(world, pull).startswith("405 Repository rule violations found")
    assert merged(world, pull, "liftgate-bot") == ""


def test_a_merge_needs_a_code_owner_of_each_file_and_wrong_owners_are_told(world: World) -> None:
    world.plant({"a.json": "{}", ".github/CODEOWNERS": "*.json @grace @reader\n/docs/ @grace\n"})
    pull = world.proposal()
    protect(world, rule("pull_request", **REVIEWS | {"require_code_owner_review": True}))
    assert merged(world, pull).endswith("Waiting on code owner review from grace.")
    with world.api("grace") as api:
        assert api.post(f"{pull}/reviews", json={"event": "APPROVE"}).status_code == 200
        errors = api.get("/codeowners/errors").json()["errors"]
    assert [(each["line"], each["kind"]) for each in errors] == [(1, "Unknown owner")]
    assert merged(world, pull) == ""


def test_an_older_approval_does_not_count_where_it_is_dismissed(world: World) -> None:
    pull = world.proposal()
    protect(world, rule("pull_request", **REVIEWS | {"required_approving_review_count": 1}))
    with world.api("grace") as api:
        api.post(f"{pull}/reviews", json={"event": "APPROVE"})
    world.commit({"c.json": "{}"}, branch="promote/1", who="liftgate-bot")
    assert "At least 1 approving review is required" in merged(world, pull)
