"""Who must review changes of an environment, by its policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

from liftgate.domain.approval.policy import Person
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.code_owners import POLICY, WantedOwners
from liftgate.domain.protection.wanted import approvals_of


def wanted_owners(
    configuration: Configuration, files: Mapping[str, tuple[str, ...]], login: Callable[[Person], str], owners_file: str
) -> tuple[WantedOwners, ...]:
    """`files`: the values files by environment. `login`: a person's name at the forge. `owners_file`: CODEOWNERS."""
    found = [
        WantedOwners(
            subject=name,
            patterns=_patterns(configuration, files, name),
            files=files.get(name, ()),
            logins=_logins(configuration, name, login),
        )
        for name in configuration.order
        if approvals_of(configuration, name).needed
    ]
    if approvers := tuple(dict.fromkeys(chain.from_iterable(each.logins for each in found))):
        policy = (POLICY[0], f"{POLICY[1].partition('/')[0]}/", owners_file)
        patterns = tuple(f"/{each}" for each in policy)
        found.append(
            WantedOwners(
                subject="liftgate.json and its keys", patterns=patterns, files=(*POLICY, owners_file), logins=approvers
            )
        )
    return tuple(found)


def _logins(configuration: Configuration, environment: str, login: Callable[[Person], str]) -> tuple[str, ...]:
    names = approvals_of(configuration, environment).people
    known = (login(configuration.people[name]) for name in names if name in configuration.people)
    return tuple(dict.fromkeys(filter(None, known)))


def _patterns(configuration: Configuration, files: Mapping[str, tuple[str, ...]], environment: str) -> tuple[str, ...]:
    """The environment's folder, if it has all of its files and no other environment's; else each file."""
    folder, mine = f"{configuration.environments[environment]}/", files.get(environment, ())
    others = chain.from_iterable(paths for name, paths in files.items() if name != environment)
    is_its_own = all(each.startswith(folder) for each in mine) and not any(each.startswith(folder) for each in others)
    paths = (folder,) if is_its_own and folder != "/" else mine
    return tuple("/" + each.replace(" ", r"\ ") for each in paths)
