"""Signed commits, made by real git with real SSH keys, as the forge judges them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sandbox_tests.forge.world import World, git


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def register(world: World, key: Path, who: str) -> int:
    public = key.with_suffix(".pub").read_text()
    with world.api(who) as api:
        return api.post(f"{world.url}/api/v3/user/ssh_signing_keys", json={"key": public}).status_code


def judged(world: World, key: Path, email: str = "ada@example.com") -> tuple[bool, str]:
    world.plant({"a": "1"})
    clone = world.clone()
    signing = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}")
    git(clone, *signing, "commit", "-q", "-S", "--allow-empty", "-m", "signed", GIT_COMMITTER_EMAIL=email)
    git(clone, "push", "-q", "origin", "HEAD:main")
    with world.api() as api:
        verification = api.get("/commits/main").json()["commit"]["verification"]
    assert verification["signature"].startswith("-----BEGIN SSH SIGNATURE-----")
    return verification["verified"], verification["reason"]


def test_a_registered_key_of_the_committer_is_valid(world: World, key: Path) -> None:
    assert register(world, key, "ada") == 201
    assert judged(world, key) == (True, "valid")


def test_a_key_that_nobody_registered_is_unknown(world: World, key: Path) -> None:
    assert judged(world, key) == (False, "unknown_key")


def test_a_key_of_somebody_else_than_the_committer_is_unknown(world: World, key: Path) -> None:
    register(world, key, "grace")

    assert judged(world, key) == (False, "unknown_key")


def test_a_committer_without_an_account_is_no_user(world: World, key: Path) -> None:
    register(world, key, "ada")

    assert judged(world, key, "mallory@example.com") == (False, "no_user")


def test_a_key_is_listed_belongs_to_one_person_and_is_an_ssh_key(world: World, key: Path) -> None:
    assert [register(world, key, "ada"), register(world, key, "grace")] == [201, 422]
    with world.api() as api:
        keys = api.get(f"{world.url}/api/v3/user/ssh_signing_keys").json()
        odd = api.post(f"{world.url}/api/v3/user/ssh_signing_keys", json={"key": "not a key"})

    assert [each["key"] for each in keys] == [" ".join(key.with_suffix(".pub").read_text().split()[:2])]
    assert odd.status_code == 422
