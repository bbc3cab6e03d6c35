"""A configuration repository on the sandbox forge, and a mirror of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.integrations.git.repository import Author
from liftgate.sandbox.forge import Forge
from liftgate.sandbox.serve import serve
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, WORKER, text, values

AUTHOR = Author(name="Liftgate", email="liftgate@example.com")


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
    forge.create_repository("shop/config")
    with serve(forge.asgi()) as served:
        environment = sign_in("bot", tokens["liftgate-bot"])

        def mirror(name: str) -> Mirror:
            return Mirror(tmp_path / name, f"{served.url}/shop/config.git", "main", environment)

        hosted = Hosted(forge, served.url, tokens, mirror)
        first = mirror("first")
        first.prepare()
        start: dict[str, bytes | None] = {
            "liftgate.json": text(SEED),
            ".liftgate/allowed_signers": ALLOWED_SIGNERS.encode(),
            "configs/base/values.json": text(values("base", "1.4.2")),
            **{f"configs/{name}/values.json": text(values(name)) for name in ("dev", "staging", "prod")},
        }
        sha = first.write("", start, "Start\n", NOW, AUTHOR, WORKER)
        first.push(sha, first.ref, "")
        yield hosted
