"""The repository, its branches, what protects them, and who may know it."""

from __future__ import annotations

from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.world import REPOSITORY, World

RULES = Protection(approvals=2, contexts=("validate",), strict=True, may_push=("liftgate-bot",))


def test_a_repository_says_where_it_is_cloned_and_what_the_asker_may(world: World) -> None:
    with world.api("reader") as api:
        shape = api.get(world.home).json()

    assert shape["full_name"] == REPOSITORY
    assert shape["clone_url"] == f"{world.url}/{REPOSITORY}.git"
    assert shape["permissions"] == {"admin": False, "push": False, "pull": True}


def test_a_branch_has_its_commit_and_says_whether_it_is_protected(world: World) -> None:
    main = world.plant({"a": "1"})
    side = world.plant({"a": "2"}, branch="promote/1")
    world.forge.protect(REPOSITORY, "main", RULES)

    with world.api() as api:
        assert api.get("/branches/main").json()["commit"]["sha"] == main
        assert api.get("/branches/main").json()["protected"] is True
        assert api.get("/branches/promote/1").json()["commit"]["sha"] == side
        assert api.get("/branches/none").json()["message"] == "Branch not found"
        assert [branch["name"] for branch in api.get("/branches").json()] == ["main", "promote/1"]


def test_protection_is_shown_to_administrators_only(world: World) -> None:
    world.forge.protect(REPOSITORY, "main", RULES)

    with world.api("owner") as owner, world.api("ada") as ada:
        shape = owner.get("/branches/main/protection").json()
        hidden = ada.get("/branches/main/protection")
        unprotected = owner.get("/branches/other/protection")

    assert shape["required_pull_request_reviews"]["required_approving_review_count"] == 2
    assert shape["required_status_checks"]["contexts"] == ["validate"]
    assert shape["required_status_checks"]["strict"] is True
    assert (hidden.status_code, hidden.json()["message"]) == (404, "Not Found")
    assert (unprotected.status_code, unprotected.json()["message"]) == (404, "Branch not protected")


def test_the_active_rules_are_shown_to_readers(world: World) -> None:
    world.forge.protect(REPOSITORY, "main", RULES)

    with world.api("reader") as api:
        rules = {rule["type"]: rule.get("parameters") for rule in api.get("/rules/branches/main").json()}
        assert api.get("/rules/branches/other").json() == []

    assert rules["pull_request"]["required_approving_review_count"] == 2
    assert rules["required_status_checks"]["required_status_checks"] == [{"context": "validate"}]
    assert "non_fast_forward" in rules


def test_an_administrator_adds_a_webhook_and_never_reads_its_secret_back(world: World) -> None:
    wanted = {"config": {"url": "http://127.0.0.1:1/", "secret": "hush"}, "events": ["push"]}

    with world.api("owner") as owner, world.api("ada") as ada:
        assert owner.post("/hooks", json=wanted).status_code == 201
        listed = owner.get("/hooks").json()
        assert ada.get("/hooks").status_code == 403

    assert listed[0]["events"] == ["push"]
    assert "hush" not in str(listed)


def test_a_webhook_without_an_address_is_refused(world: World) -> None:
    with world.api("owner") as owner:
        assert owner.post("/hooks", json={"events": ["push"]}).status_code == 422
