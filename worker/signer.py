"""The signer process: it alone has the worker's key and token, and signs and pushes only what it has checked.

`python -m worker.signer SOCKET`: its settings come on standard input, so that no environment shows them.
"""

from __future__ import annotations

import ctypes
import json
import signal
import socket
import sys
from typing import Final

from liftgate import settings
from liftgate.errors import LiftgateError
from liftgate.integrations.signing import service
from liftgate.services.key_holder import CheckedKeyHolder
from liftgate.wiring import Integrations

_PR_SET_DUMPABLE: Final = 4


def main() -> None:
    """End when the worker and its last flow have ended: then nothing can ask any more."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)  # no other process of this user reads its memory
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a flow that is ending may still have to write down its outcome
    variables = json.loads(sys.stdin.read())
    at = Integrations(settings.from_variables(variables))
    try:
        holder = CheckedKeyHolder(at)
        holder.public_half()
    except LiftgateError as error:
        sys.exit(f"the signer process does not start: {error}")
    with socket.socket(fileno=int(sys.argv[1])) as control:
        service.serve(control, holder)


if __name__ == "__main__":
    main()
