"""Rulesets of a GitHub repository (docs.github.com/en/rest/repos/rules): read, made, and brought to what is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from liftgate.domain.common.names import host_of
from liftgate.domain.common.value import Json
from liftgate.domain.protection import ruleset as rules
from liftgate.domain.protection.ruleset import Actor, Ruleset, Seen, example
from liftgate.errors import Refused
from liftgate.integrations.forge import github_clicks
from liftgate.integrations.forge.github_answers import Answer, User, read, read_list
from liftgate.integrations.forge.github_checks import rules_of
from liftgate.integrations.forge.github_classic import Classic, read_classic
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.forge.protection import DEPLOY_KEY, Account, NoRight
from liftgate.integrations.http import json_of

_BOT: Final = "[bot]"
_TEAM: Final = re.compile(r"@([^/]+)/([^/]+)")
_OF_THE_REPOSITORY: Final = "Repository"
_NEEDED: Final[Mapping[str, Mapping[str, Json]]] = {"update": {"update_allows_fetch_and_merge": False}}
"""Parameters that GitHub asks for though they mean nothing to us."""

_Lack = Literal["nothing", "rulesets", "any rules"]
_WHY: Final[Mapping[_Lack, str]] = {
    "nothing": "this account may not change the rules of {repository}",
    "rulesets": "this Enterprise Server has no rulesets (from 3.11 on they do); protect the branches of {repository} "
    "by classic protections",
    "any rules": "{repository} can have no rules of branches, neither rulesets nor classic protections: it is private, "
    "and its owner's plan is a free one",
}
_ENTERPRISE: Final = "x-github-enterprise-version"
"""A header of each answer of an Enterprise Server."""
_NO_USERS: Final = (
    "an Enterprise Server lets no single user pass a ruleset; name a GitHub App (--worker NAME[bot]), or a team that "
    "has only the worker (--worker @ORGANIZATION/TEAM)"
)


class _Id(Answer):
    id: int


class _Numbered(User):
    id: int


class _Listed(Answer):
    id: int
    name: str
    target: str = "branch"
    source_type: str = ""


class _Bypass(Answer):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class _Names(Answer):
    include: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)


class _Conditions(Answer):
    ref_name: _Names = _Names()


class _Rule(Answer):
    type: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class _Ruleset(_Listed):
    enforcement: str
    bypass_actors: list[_Bypass] | None = None
    """None for a reader: only who may change the ruleset is told."""
    current_user_can_bypass: str = "never"
    conditions: _Conditions | None = None
    rules: list[_Rule] = Field(default_factory=list)


class _OwnerError(Answer):
    line: int
    kind: str
    message: str = ""


class _OwnerErrors(Answer):
    errors: list[_OwnerError]


class _Key(Answer):
    key: str


class GitHubProtection:
    def __init__(self, rest: Rest, page: str, app: Callable[[], tuple[int, str]] | None) -> None:
        """`page`: the repository's address for people. `app`: id and name of the App that signs in, if one does."""
        self._rest, self._page, self._app = rest, page, app

    def own_account(self) -> Account:
        if self._app:
            number, slug = self._app()
            return Account(login=slug + _BOT, actor=Actor(type="Integration", id=number, name=slug + _BOT), is_app=True)
        return _of_user(read(_Numbered, self._rest.absolute("/user"), "/user"))

    def account(self, login: str) -> Account:
        if login == DEPLOY_KEY:
            return Account(login=login, actor=Actor(type="DeployKey", name="Deploy keys"))
        path = _path_of(login)
        found = self._rest.absolute(path, missing=(404,))
        if found is None:
            raise Refused(
                f'there is no account "{login}" at {WHO}; an app is named with {_BOT}, as in liftgate{_BOT}, and a '
                "team with its organization, as in @shop/release"
            )
        if login.endswith(_BOT):
            actor = Actor(type="Integration", id=read(_Id, found, path).id, name=login)
            return Account(login=login, actor=actor, is_app=True)
        if _TEAM.fullmatch(login):
            return Account(login=login, actor=Actor(type="Team", id=read(_Id, found, path).id, name=login))
        return _of_user(read(_Numbered, found, path))

    def seen(self, wanted: Iterable[Ruleset]) -> Seen:
        wanted = tuple(wanted)
        branches = {example(pattern): pattern for each in wanted for pattern in each.include}
        listed = self._listed()
        # An example's branch does not exist, and only of an existing branch the classic protection is told.
        exact = [branch for branch, pattern in branches.items() if "*" not in pattern]
        classic = {branch: read_classic(self._rest, branch) for branch in exact}
        hidden = tuple(branch for branch, each in classic.items() if each.is_hidden)
        if listed is None:
            return Seen(foreign={branch: each.rules for branch, each in classic.items()}, hidden=hidden)
        names = {each.name: each for each in wanted}
        ours = [each for each in listed if each.name in names and each.source_type == _OF_THE_REPOSITORY]
        own = tuple(self._read(each.id, names[each.name]) for each in ours)
        numbers = {each.id for each in own}
        foreign = {
            branch: (*self._foreign(branch, numbers), *classic.get(branch, Classic()).rules) for branch in branches
        }
        return Seen(own=own, foreign=foreign, hidden=hidden)

    def _listed(self) -> list[_Listed] | None:
        """None where there are no rulesets: on an old server, and on a free plan in private repositories."""
        path = "/rulesets"
        if self._rest.get(path, missing=(403, 404), per_page=1, page=1) is None:
            return None
        listed = read_list(_Listed, list(self._rest.pages(path, includes_parents="false")), path)
        return [each for each in listed if each.target == "branch"]

    def _foreign(self, branch: str, own: set[int]) -> tuple[rules.Rule, ...]:
        found = (each for each in rules_of(self._rest, branch) if each.ruleset_id not in own)
        return tuple(rules.Rule(type=each.type, parameters=each.parameters) for each in found)

    def _read(self, number: int, wanted: Ruleset) -> Ruleset:
        path = f"/rulesets/{number}"
        found = read(_Ruleset, self._rest.get(path), path)
        names = found.conditions.ref_name if found.conditions else _Names()
        if found.bypass_actors is None:
            # Only its own bypass is told to a reader. Of other accounts nothing can be said, so nothing is missed.
            is_of_others = {each.key for each in (*wanted.bypass, *wanted.may_bypass)} != {self.own_account().actor.key}
            passes = is_of_others or found.current_user_can_bypass in ("always", "exempt")
            bypass = wanted.bypass if passes else ()
        else:
            bypass = tuple(
                Actor.model_validate({"type": each.actor_type, "id": each.actor_id, "mode": each.bypass_mode})
                for each in found.bypass_actors
            )
        return Ruleset(
            name=found.name,
            include=tuple(names.include),
            exclude=tuple(names.exclude),
            rules=tuple(rules.Rule(type=each.type, parameters=each.parameters) for each in found.rules),
            bypass=bypass,
            active=found.enforcement == "active",
            id=found.id,
        )

    def write(self, ruleset: Ruleset) -> None:
        body = {
            "name": ruleset.name,
            "target": "branch",
            "enforcement": "active" if ruleset.active else "disabled",
            "conditions": {"ref_name": {"include": list(ruleset.include), "exclude": list(ruleset.exclude)}},
            "bypass_actors": [_bypass(actor) for actor in ruleset.bypass],
            "rules": [_rule(rule) for rule in ruleset.rules],
        }
        path, method = (f"/rulesets/{ruleset.id}", "PUT") if ruleset.id else ("/rulesets", "POST")
        response = self._rest.send(method, path, json=body)
        if response.status_code in (403, 404):
            raise self._no_right()
        if response.status_code == 422 and _ENTERPRISE in response.headers and _names_a_user(ruleset):
            raise Refused(_NO_USERS)
        read(_Listed, json_of(response, WHO), path)

    def _no_right(self) -> NoRight:
        return NoRight(_WHY[self._lack()].format(repository=self._rest.repository))

    def _lack(self) -> _Lack:
        """What the repository cannot have."""
        response = self._rest.send("GET", "/rulesets", params={"per_page": 1, "page": 1})
        if response.status_code not in (403, 404):
            return "nothing"
        return "rulesets" if _ENTERPRISE in response.headers else "any rules"

    def by_hand(self, ruleset: Ruleset) -> str:
        lack = self._lack()
        if lack == "any rules":
            return f"{ruleset.name}: make {self._page} public, or give its owner a plan with rulesets"
        shown = github_clicks.clicks if lack == "nothing" else github_clicks.classic_clicks
        return shown(self._page, ruleset)

    def owner_errors(self, branch: str) -> Mapping[str, str]:
        path = "/codeowners/errors"
        found = self._rest.get(path, missing=(404,), ref=branch)
        errors = read(_OwnerErrors, found, path).errors if found else []
        return {f"line {each.line}": (each.message or each.kind).partition("\n")[0].rstrip(":") for each in errors}

    def signing_keys(self, account: Account) -> tuple[str, ...]:
        path = f"/users/{quote(account.login, safe='')}/ssh_signing_keys"
        return tuple(" ".join(each.key.split()[:2]) for each in read_list(_Key, self._rest.absolute(path), path))


def page_of(remote: str, repository: str) -> str:
    """The repository's address for people, without a sign-in that the remote's address may have."""
    web = urlsplit(remote)
    if web.scheme in ("http", "https"):
        return f"{web.scheme}://{web.netloc.rpartition('@')[2]}/{repository}"
    return f"https://{host_of(remote) or 'github.com'}/{repository}"


def _path_of(login: str) -> str:
    if team := _TEAM.fullmatch(login):
        return f"/orgs/{quote(team[1], safe='')}/teams/{quote(team[2], safe='')}"
    if login.endswith(_BOT):
        return f"/apps/{quote(login.removesuffix(_BOT), safe='')}"
    return f"/users/{quote(login, safe='')}"


def _of_user(user: _Numbered) -> Account:
    return Account(login=user.login, actor=Actor(type="User", id=user.id, name=user.login))


def _names_a_user(ruleset: Ruleset) -> bool:
    return any(actor.type == "User" for actor in ruleset.bypass)


def _bypass(actor: Actor) -> dict[str, Json]:
    return {"actor_type": actor.type, "actor_id": actor.id, "bypass_mode": actor.mode}


def _rule(rule: rules.Rule) -> dict[str, Json]:
    parameters = {**_NEEDED.get(rule.type, {}), **rule.parameters}
    return {"type": rule.type} | ({"parameters": parameters} if parameters else {})
