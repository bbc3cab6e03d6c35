"""A configuration repository on the sandbox forge, and a mirror of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from liftgate_sandbox.forge import Forge
from liftgate_sandbox.serve import serve

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from tests import github_openapi
from tests.committing import AUTHOR, commit, commit_and_push
from tests.examples import ALLOWED_SIGNERS, SEED, WORKER, text, values

__all__ = ["AUTHOR"]


@dataclass(frozen=True)
class Hosted:
    """The forge, its address, and how a new mirror (another worker's) is made."""

    forge: Forge
    url: str
    tokens: Mapping[str, str]
    mirror: Callable[[str], Mirror]

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand\n") -> str:
        """Somebody else's commit on main."""
        return commit_and_push(self.forge, "shop/config", "liftgate-bot", files, message)


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
        commit(bare, start, "Start\n", WORKER)
        yield hosted
    assert github_openapi.misfits(forge.core.requests) == []
