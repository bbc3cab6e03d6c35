"""What the signer process raised comes out of the socket as it was."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from threading import Thread
from typing import Any, cast

import pytest

from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.signing import KeyHolder, service
from liftgate.integrations.signing.client import RemoteKeyHolder

ERRORS = [Unavailable("later", retry_after=42.5), Unavailable("soon"), Refused("a rule"), Misconfigured("a setting")]


class Failing:
    def __init__(self, error: LiftgateError) -> None:
        self._error = error

    def forge(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        del verb, arguments
        raise self._error


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_an_error_keeps_its_kind_and_the_time_of_the_next_try(error: LiftgateError) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    answering = Thread(target=service.serve, args=(theirs, cast("KeyHolder", Failing(error))), daemon=True)
    answering.start()
    remote = RemoteKeyHolder(ours.fileno())
    with pytest.raises(LiftgateError) as told:
        remote.forge("find", {})
    assert (type(told.value), str(told.value)) == (type(error), str(error))
    assert getattr(told.value, "retry_after", None) == getattr(error, "retry_after", None)
    remote.close()
    ours.close()
    answering.join(10)
    theirs.close()
