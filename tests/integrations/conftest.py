"""A configuration repository on the sandbox forge, and a mirror of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from liftgate_sandbox.forge import Forge
from liftgate_sandbox.serve import serve

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.integrations.git.repository import Author, Repository
from tests import github_openapi
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, WORKER, text, values

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

AUTHOR = Author(name="Liftgate", email="liftgate@example.com")


def first_commit(bare: Path, files: Mapping[str, bytes | None], key: PrivateKey | None = None) -> None:
    """The branch's beginning, written where the forge has it: a push would cost ten more processes."""
    repository = Repository(bare)
    sha = repository.write("", files, "Start\n", NOW, AUTHOR, key)
    repository.git("update-ref", "refs/heads/main", sha)


@dataclass(frozen=True)
class Hosted:
    """The forge, its address, and how a new mirror (another worker's) is made."""

    forge: Forge
    url: str
    tokens: Mapping[str, str]
    mirror: Callable[[str], Mirror]

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand\n") -> str:
        """Somebody else's commit on main."""
        mirror = self.mirror("somebody")
        head = mirror.fetch()
        sha = mirror.write(head, files, message, NOW, AUTHOR, None)
        assert mirror.push(sha, mirror.ref, head) == "pushed"
        return sha


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    forge = Forge(tmp_path / "forge")
    tokens = {name: f"token-of-{name}" for name in ("liftgate-bot", "ada", "grace")}
    for name, token in tokens.items():
        forge.add_user(name, token)
    bare = forge.create_repository("shop/config")
    with serve(forge.asgi()) as served:
        environment = sign_in("bot", tokens["liftgate-bot"])

        def mirror(name: str) -> Mirror:
            return Mirror(tmp_path / name, f"{served.url}/shop/config.git", "main", environment)

        hosted = Hosted(forge, served.url, tokens, mirror)
        start: dict[str, bytes | None] = {
            "liftgate.json": text(SEED),
            ".liftgate/allowed_signers": ALLOWED_SIGNERS.encode(),
            "configs/base/values.json": text(values("base", "1.4.2")),
            **{f"configs/{name}/values.json": text(values(name)) for name in ("dev", "staging", "prod")},
        }
        first_commit(bare, start, WORKER)
        yield hosted
    assert github_openapi.misfits(forge.core.requests) == []
