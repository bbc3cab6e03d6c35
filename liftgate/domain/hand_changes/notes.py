"""Sentences about a change by hand that are no mistakes and no gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from liftgate.domain.common.words import in_words
from liftgate.domain.hand_changes.checked import CheckedChange, CheckedPlace
from liftgate.domain.secrets.secret import Owner

TITLES: Final[dict[Owner, str]] = {
    "promote": "values of the release",
    "own": "values of the environment",
    "secret": "secrets",
}


def title(place: CheckedPlace) -> str:
    """`example-app in prod`."""
    return f"{place.application} in {place.environment}" if place.application else place.environment


def notes(checked: CheckedChange) -> Iterator[str]:
    names = checked.environments
    if len(names) > 1:
        yield (
            f"This changes {len(names)} environments. Each becomes a promotion of its own, in the order of the "
            f"pipeline: {', '.join(names)}. Use one pull request for each environment where you can."
        )
    for path in checked.sources:
        yield f"{path} is where releases come from: after the merge it is a new release, and changes no environment."
    if checked.is_configuration:
        yield (
            "This changes the configuration of Liftgate. Its policy and people count after the merge; this change "
            "itself is decided by those of the branch it goes to."
        )


def place_notes(place: CheckedPlace) -> Iterator[str]:
    if place.unread:
        yield f"The values cannot be read: {place.unread}"
    elif place.paths and not place.rows:
        yield f"No value changes in {in_words(place.paths)}, only the text."
    if place.version:
        yield f"This changes values that releases bring: after the merge they are release {place.version}."
    if place.others:
        shown = in_words(place.others[:5]) if len(place.others) <= 5 else f"{len(place.others)} files"
        yield f"Also changed there: {shown}."
    if place.uncounted:
        names = in_words(place.uncounted)
        yield f"Reviews by {names} do not count: {names} must be in people of liftgate.json with the account there."
