"""Whether the repository has the application and the environment that a person named."""

from __future__ import annotations

from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot


def check_known(tree: ConfigSnapshot, application: str | None, environment: str | None) -> None:
    """None was not named. Raises Refused with every unknown name, each with the nearest known one."""
    wrong = []
    for known, name in ((tree.application, application), (tree.environment, environment)):
        try:
            if name is not None:
                known(name)
        except Refused as refused:
            wrong.append(str(refused))
    if wrong:
        raise Refused("\n".join(wrong))
