"""GitHub's classic protection of one branch: read in the words of rulesets, and never written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote

from pydantic import Field

from liftgate.domain.protection.ruleset import Actor, Rule
from liftgate.integrations.forge.github_answers import Answer, Branch, Numbered, read
from liftgate.integrations.forge.github_rest import Rest

_ADMINISTRATORS: Final = Actor(type="RepositoryRole", id=5, name="all administrators")
"""By the id that rulesets have for the role."""


class Classic(NamedTuple):
    rules: tuple[Rule, ...] = ()
    is_hidden: bool = False
    """Whether there is more of it than this account is told."""


class _Flag(Answer):
    enabled: bool = False


class _Checks(Answer):
    strict: bool = False
    contexts: list[str] = Field(default_factory=list)


class _Named(Numbered):
    login: str = ""
    """Of a user; teams and apps have a slug."""
    slug: str = ""


class _Allowed(Answer):
    users: list[_Named] = Field(default_factory=list)
    teams: list[_Named] = Field(default_factory=list)
    apps: list[_Named] = Field(default_factory=list)

    @property
    def actors(self) -> tuple[Actor, ...]:
        kinds = {"User": self.users, "Team": self.teams, "Integration": self.apps}
        return tuple(
            Actor(type=kind, id=each.id, name=each.login or each.slug)
            for kind, listed in kinds.items()
            for each in listed
        )


class _Reviews(Answer):
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    required_approving_review_count: int = 0
    bypass_pull_request_allowances: _Allowed = _Allowed()


class _Protection(Answer):
    required_status_checks: _Checks | None = None
    required_pull_request_reviews: _Reviews | None = None
    enforce_admins: _Flag = _Flag()
    required_signatures: _Flag = _Flag()
    allow_force_pushes: _Flag = _Flag()
    allow_deletions: _Flag = _Flag()
    lock_branch: _Flag = _Flag()
    restrictions: _Allowed | None = None


def read_classic(rest: Rest, branch: str) -> Classic:
    """What the branch has of it; for an account that is no administrator only what every reader is told."""
    path = f"/branches/{quote(branch, safe='')}"
    found = rest.get(f"{path}/protection", missing=(403, 404))
    if found is not None:
        return Classic(tuple(_in_full(read(_Protection, found, path))))
    told = rest.get(path, missing=(404,))
    short = read(Branch, told, path).protection if told else None
    contexts = short.required_status_checks.contexts if short and short.required_status_checks else []
    return Classic((_checks(contexts),) if contexts else (), is_hidden=bool(short and short.enabled))


def _in_full(there: _Protection) -> Iterator[Rule]:
    """An administrator is stopped by deletions and force pushes in any case, by the others only where that is set."""
    if not there.allow_deletions.enabled:
        yield Rule(type="deletion")
    if not there.allow_force_pushes.enabled:
        yield Rule(type="non_fast_forward")
    admins = () if there.enforce_admins.enabled else (_ADMINISTRATORS,)
    if there.required_signatures.enabled:
        yield Rule(type="required_signatures", lets_pass=admins)
    if there.lock_branch.enabled:
        yield Rule(type="update", lets_pass=admins)
    if there.restrictions is not None:
        pushers = (*there.restrictions.actors, *admins)
        yield from (Rule(type=kind, lets_pass=pushers) for kind in ("update", "creation"))
    if reviews := there.required_pull_request_reviews:
        yield Rule(
            type="pull_request",
            parameters={
                "required_approving_review_count": reviews.required_approving_review_count,
                "require_code_owner_review": reviews.require_code_owner_reviews,
                "dismiss_stale_reviews_on_push": reviews.dismiss_stale_reviews,
            },
            lets_pass=(*reviews.bypass_pull_request_allowances.actors, *admins),
        )
    if checks := there.required_status_checks:
        # It holds for pushes too, and has no list of accounts that it lets pass.
        yield _checks(checks.contexts).copy_with(lets_pass=admins)


def _checks(contexts: list[str]) -> Rule:
    checks = [{"context": context} for context in contexts]
    return Rule(type="required_status_checks", parameters={"required_status_checks": checks}, lets_pass=())
