"""`python -m liftgate_sandbox FOLDER`: the town as a process, until SIGTERM; its addresses are in `sandbox.json`."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from liftgate_sandbox.town import BOT, BOT_TOKEN, CHANNEL, PEOPLE, PROJECT, SIGNING_SECRET, Town, token_of

FILE = "sandbox.json"


def main(folder: Path) -> None:
    """The file appears when everything answers, and goes when it ends."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    addresses = folder / FILE
    with Town(folder) as town:
        found = {
            "urls": town.urls,
            "repository": town.repository_url,
            "argocd": {"token": town.argocd_token, "admin": town.argocd.admin_token(), "project": PROJECT},
            "slack": {"channel": CHANNEL, "bot_token": BOT_TOKEN, "signing_secret": SIGNING_SECRET},
            "tokens": {login: token_of(login) for login in (*PEOPLE, BOT)},
        }
        part = addresses.with_suffix(".part")
        part.write_text(json.dumps(found, indent=2))
        part.chmod(0o600)
        part.replace(addresses)
        over.wait()
    addresses.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
