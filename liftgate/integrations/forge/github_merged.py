"""The pull request that brought a commit to a branch, as GitHub knows it."""

from __future__ import annotations

from typing import Final

from liftgate.domain.approval.review import Review as OurReview
from liftgate.integrations.forge import MergedPull
from liftgate.integrations.forge.github_answers import Pull, Review, read, read_list
from liftgate.integrations.forge.github_rest import Rest

_LISTED: Final = 30
"""Pull requests of one commit that are looked at."""
_UNKNOWN: Final = (409, 422)
"""GitHub's answers for a commit that it does not know."""


def merged_with(rest: Rest, commit: str, base: str) -> MergedPull | None:
    """GitHub lists pull requests that are open, closed or of other branches too."""
    path = f"/commits/{commit}/pulls"
    listed = read_list(Pull, rest.get(path, missing=_UNKNOWN, per_page=_LISTED) or [], path)
    merged = [each for each in listed if each.as_ours.state == "merged" and each.base.ref == base]
    if not merged:
        return None
    # Of several the one that was merged as this very commit; a rebase has it among others.
    number = next((each.number for each in merged if each.merge_commit_sha == commit), merged[0].number)
    whole = read(Pull, rest.get(f"/pulls/{number}"), f"/pulls/{number}")
    by = whole.merged_by.login if whole.merged_by else ""
    return MergedPull(pull=whole.as_ours, by=by, reviews=reviews_of(rest, number, until=whole.merged_at or ""))


def reviews_of(rest: Rest, number: int, *, until: str = "") -> tuple[OurReview, ...]:
    """All that were given, or those until then, oldest first. GitHub writes every time in UTC, to the second."""
    path = f"/pulls/{number}/reviews"
    given = (read(Review, each, path) for each in rest.pages(path))
    return tuple(each.as_ours for each in given if not until or (each.submitted_at or until) <= until)
