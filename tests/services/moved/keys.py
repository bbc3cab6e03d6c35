"""What happens to the worker's key while a run is dead."""

from __future__ import annotations

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.integrations.clock import SystemClock
from tests.examples import SERVER, WORKER, private_text
from tests.services.moved.scene import Scene


def other_worker_key(scene: Scene) -> None:
    """As the how-to replaces a key: the old one ends after what it signed, and the worker has the new one."""
    key = _new()
    old, end = _line("liftgate@example.com", signature.WORKER, WORKER), SystemClock().now() + timedelta(seconds=1)
    ends = old.replace(" namespaces=", f' valid-before="{end:%Y%m%d%H%M%SZ}",namespaces=')
    _signers(scene, ends, _line("liftgate@example.com", signature.WORKER, key))
    _give(scene, key)


def stolen_worker_key(scene: Scene) -> None:
    """Its line is gone, and nothing that it signed counts any more; the worker has a new one."""
    key = _new()
    _signers(scene, _line("liftgate@example.com", signature.WORKER, key))
    _give(scene, key)


def worker_key_removed(scene: Scene) -> None:
    """It was stolen; the worker has no other one yet."""
    _signers(scene)


def worker_key_back(scene: Scene) -> None:
    _signers(scene, _line("liftgate@example.com", signature.WORKER, WORKER))


def _line(principal: str, namespaces: tuple[str, ...], key: Ed25519PrivateKey) -> str:
    return signature.allowed_line(principal, namespaces, signature.public_bytes(key))


def _signers(scene: Scene, *workers: str) -> None:
    lines = [*workers, _line("server@example.com", signature.SERVER, SERVER), ""]
    scene.world.lab.commit({ALLOWED_SIGNERS: "\n".join(lines).encode()})


def _new() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b"n" * 32)


def _give(scene: Scene, key: Ed25519PrivateKey) -> None:
    worker = scene.world.at.settings.worker.model_copy(update={"signing_key": SecretStr(private_text(key))})
    scene.world.at = scene.world.another(worker=worker)
