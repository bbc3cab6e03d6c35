"""References through REST: as strict as GitHub about what exists and what goes forward."""

from __future__ import annotations

import pytest
from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.world import REPOSITORY, World


def test_a_branch_is_made_once_read_and_deleted_once(world: World) -> None:
    sha = world.plant({"a": "1"})
    wanted = {"ref": "refs/heads/promote/1", "sha": sha}
    with world.api() as api:
        made, again = api.post("/git/refs", json=wanted), api.post("/git/refs", json=wanted)
        read = api.get("/git/ref/heads/promote/1")
        gone, gone_again = (api.delete("/git/refs/heads/promote/1") for _ in range(2))
        assert api.get("/git/ref/heads/promote/1").status_code == 404

    assert (made.status_code, again.status_code) == (201, 422)
    assert again.json()["message"] == "Reference already exists"
    assert read.json()["object"]["sha"] == sha
    assert (gone.status_code, gone_again.status_code) == (204, 422)
    assert gone_again.json()["message"] == "Reference does not exist"


@pytest.mark.parametrize(
    ("ref", "sha"),
    [("heads/x", None), ("refs/heads/a..b", None), ("refs/heads/x", "0" * 40), ("refs/heads/x", "main")],
)
def test_a_malformed_reference_is_refused(world: World, ref: str, sha: str | None) -> None:
    head = world.plant({"a": "1"})
    with world.api() as api:
        assert api.post("/git/refs", json={"ref": ref, "sha": sha or head}).status_code == 422


def test_a_branch_moves_forward_and_back_only_by_force(world: World) -> None:
    first = world.plant({"a": "1"})
    second = world.plant({"a": "2"})
    with world.api() as api:
        back = api.patch("/git/refs/heads/main", json={"sha": first})
        forced = api.patch("/git/refs/heads/main", json={"sha": first, "force": True})
        forward = api.patch("/git/refs/heads/main", json={"sha": second})
        nowhere = api.patch("/git/refs/heads/none", json={"sha": second})

    assert back.json()["message"] == "Update is not a fast forward"
    assert [answer.status_code for answer in (back, forced, forward, nowhere)] == [422, 200, 200, 422]


def test_a_protected_branch_moves_only_for_those_who_may_push_to_it(world: World) -> None:
    first = world.plant({"a": "1"})
    second = world.plant({"a": "2"}, branch="side")
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1, may_push=("liftgate-bot",)))

    with world.api("ada") as ada, world.api("liftgate-bot") as bot:
        assert ada.patch("/git/refs/heads/main", json={"sha": second}).status_code == 422
        assert bot.patch("/git/refs/heads/main", json={"sha": second}).status_code == 200
        assert bot.patch("/git/refs/heads/main", json={"sha": first, "force": True}).status_code == 422
        assert bot.delete("/git/refs/heads/main").status_code == 422
    assert world.forge.bare(REPOSITORY).branch("main") == second


def test_references_are_found_by_how_they_begin(world: World) -> None:
    world.plant({"a": "1"})
    for branch in ("promote/1", "promote/2", "other"):
        world.plant({"b": branch}, branch=branch)
    with world.api() as api:
        found = api.get("/git/matching-refs/heads/promote").json()

    assert [ref["ref"] for ref in found] == ["refs/heads/promote/1", "refs/heads/promote/2"]
