"""Who requested something: what is proven, and what older entries of the ledger call it."""

from __future__ import annotations

from liftgate.domain.approval.requester import Requester


def test_what_was_proven_by_the_server_under_its_older_name_is_proven_still() -> None:
    old = Requester.model_validate({"name": "ada", "proof": "gatehouse"})
    assert (old, old.proven, str(old)) == (Requester(name="ada", proof="server"), True, "ada")


def test_a_name_that_was_typed_is_only_claimed() -> None:
    assert str(Requester(name="ada")) == "ada (claimed)"
