"""Comments and labels of a pull request."""

from __future__ import annotations

from sandbox_tests.forge.world import World


def test_a_comment_is_made_found_changed_and_deleted(world: World) -> None:
    issue = world.proposal().replace("pulls", "issues")
    with world.api("liftgate-bot") as api:
        made = api.post(f"{issue}/comments", json={"body": "<!-- mark --> one"}).json()
        changed = api.patch(f"/issues/comments/{made['id']}", json={"body": "<!-- mark --> two"})
        assert [each["body"] for each in api.get(f"{issue}/comments").json()] == ["<!-- mark --> two"]
        assert api.delete(f"/issues/comments/{made['id']}").status_code == 204
        assert api.patch(f"/issues/comments/{made['id']}", json={"body": "x"}).status_code == 404

    assert changed.json()["user"]["login"] == "liftgate-bot"


def test_labels_are_added_replaced_and_removed(world: World) -> None:
    issue = world.proposal().replace("pulls", "issues")

    def names(shapes: list[dict[str, str]]) -> list[str]:
        return [shape["name"] for shape in shapes]

    with world.api() as api:
        api.post(f"{issue}/labels", json={"labels": ["prod"]})
        assert names(api.post(f"{issue}/labels", json={"labels": ["prod", "lift"]}).json()) == [
            "prod",
            "lift",
        ]
        assert names(api.put(f"{issue}/labels", json={"labels": ["a", "b"]}).json()) == ["a", "b"]
        assert names(api.delete(f"{issue}/labels/a").json()) == ["b"]
        assert api.delete(f"{issue}/labels/a").status_code == 404
        assert names(api.get(f"{issue}/labels").json()) == ["b"]
        assert api.post(f"{issue}/labels", json={"labels": "prod"}).status_code == 422
