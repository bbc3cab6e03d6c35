"""The worker's key is replaced: what the old one recorded may count no more, and then it is recorded again."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from tests.examples import SERVER, private_text
from tests.server.world import World, worker_of
from tests.services.course import Course


def test_an_outcome_that_no_one_believes_any_more_is_recorded_again_by_the_same_promotion(deployed: World) -> None:
    """The old key was stolen, so its line is gone; a person retries the run of the newest promotion."""
    course = Course(deployed.lab, deployed.worker)
    change = course.under_way("1.4.2")
    assert course.finish(change).good
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    lines = [("liftgate@example.com", signature.WORKER, new), ("server@example.com", signature.SERVER, SERVER)]
    allowed = [signature.allowed_line(who, spaces, signature.public_bytes(key)) for who, spaces, key in lines]
    deployed.lab.commit({ALLOWED_SIGNERS: "\n".join([*allowed, ""]).encode()})
    settings = deployed.at.settings.worker.model_copy(update={"signing_key": SecretStr(private_text(new))})
    later = Course(deployed.lab, worker_of(deployed.another(worker=settings)))
    later.at.git.fetch()
    assert later.at.entries() == []
    again = later.begin(change.id)
    assert (again.revision, again.entry) == (change.revision, None)
    entry = later.finish(again)
    assert entry.good
    assert later.at.entries() == [entry]
    assert later.begin(change.id).entry == entry
