"""What is only for people to look at: worth a few tries, and never worth failing or delaying a promotion for."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Final

from prefect.artifacts import create_markdown_artifact

from liftgate.domain.installation import prefixed
from liftgate.domain.parameters import storable
from liftgate.domain.promotion import Promotion
from liftgate.errors import LiftgateError
from liftgate.wiring import integrations

LIMIT: Final = 100_000
"""Characters of a table in an artifact."""
_PAUSES: Final = (0.5, 2.0)
_beside: Final[list[threading.Thread]] = []


def show(key: str, markdown: str, description: str) -> None:
    """An artifact of the run, made beside it; after a few tries it is left out, with a line in the log."""
    own = prefixed(integrations().settings.prefect.name, key)
    beside(
        f"the artifact {key} is left out",
        lambda: create_markdown_artifact(key=own, markdown=storable(markdown), description=storable(description)),
        tries=1 + len(_PAUSES),
    )


def for_people(left_out: str, act: Callable[[], object], *, tries: int = 1) -> None:
    """Whatever it raises is a line in the log, which begins with `left_out`."""
    for pause in (*_PAUSES[: tries - 1], None):
        try:
            act()
        except Exception as error:  # noqa: BLE001  Prefect, a chat or a forge may fail in any way
            if pause is None:
                print(f"{left_out}: {error if isinstance(error, LiftgateError) else type(error).__name__}")
                return
            time.sleep(pause)
        else:
            return


def beside(left_out: str, act: Callable[[], object], *, tries: int = 1) -> None:
    """The same while the run goes on. `catch_up` waits for it, and so does the end of the process."""
    here = contextvars.copy_context()  # Prefect keeps there whose artifact and whose log it is
    thread = threading.Thread(target=lambda: here.run(for_people, left_out, act, tries=tries), name=left_out)
    _beside.append(thread)
    thread.start()


def catch_up() -> None:
    """Before the run is suspended or over, when people look at it: what is done beside it ends."""
    while _beside:
        _beside.pop().join()


def artifact_key(kind: str, promotion: Promotion) -> str:
    """Prefect's keys allow lower-case letters, digits and dashes."""
    name = f"{kind}-{promotion.application}-{promotion.environment}".lower()
    return "".join(character if character.isalnum() else "-" for character in name)
