"""Whether the repository has the application and the environment that a person named, also since they were renamed."""

from __future__ import annotations

from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.ports import HasBranch
from liftgate.steps.registry import check_names


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


def tree_that_knows(at: HasBranch, head: str, own: str, application: str, environment: str) -> ConfigSnapshot:
    """The branch at its head; where `liftgate.json` cannot be used there, or has the application or the environment no
    more, at the promotion's own commit (empty where it has none): what was committed must come to an outcome, and that
    commit was approved under the rules that it has.

    Raises Refused, Misconfigured where there is no such commit.
    """
    tree = at.tree(head)
    try:
        check_known(tree, application, environment)
        check_names(tree.configuration)
    except (Refused, Misconfigured):
        if not own:
            raise
        return at.tree(own)
    return tree


def current_name(tree: ConfigSnapshot, application: str) -> str:
    """The application's name today, where the given one is an earlier one of it; else the given one."""
    known = tree.readable
    found = (name for name, each in known.items() if application in each.earlier_names)
    return application if application in known else next(found, application)
