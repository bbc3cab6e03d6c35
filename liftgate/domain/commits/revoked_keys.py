"""The file `.liftgate/revoked_keys`: keys whose signatures of commits never count (ssh-keygen(1), `-r`, one a line)."""

from __future__ import annotations

from typing import Final

from liftgate.domain.commits import public_key
from liftgate.domain.commits.allowed_signers import written_lines
from liftgate.errors import Misconfigured

REVOKED_KEYS: Final = ".liftgate/revoked_keys"


def read_revoked(data: bytes) -> frozenset[bytes]:
    """The keys as SSH encodes them. Raises Misconfigured with every illegal line and its number.

    ssh-keygen(1) also takes a binary list (KRL) there, which says nothing in a review: it is illegal here.
    """
    found: set[bytes] = set()
    wrong: list[str] = []
    for number, line in written_lines(data.decode(errors="replace")):
        try:
            found.add(public_key.from_text(line))
        except ValueError as error:
            wrong.append(f"{REVOKED_KEYS}:{number}: {error}")
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return frozenset(found)
