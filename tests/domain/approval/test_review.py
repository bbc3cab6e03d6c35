"""Which reviews of a pull request count."""

from __future__ import annotations

import pytest

from liftgate.domain.approval.review import Review, counted, withdrawn

HEAD, OLD = "a" * 40, "b" * 40


def review(state: str, login: str = "ada", commit: str = HEAD) -> Review:
    return Review.model_validate({"login": login, "state": state, "commit": commit})


def who(*reviews: Review) -> list[tuple[str, str]]:
    return [(each.login, each.state) for each in counted(reviews, head=HEAD, author="liftgate-bot")]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["approved"], "approved"),
        (["approved", "other"], "approved"),
        (["approved", "changes requested"], "changes requested"),
        (["changes requested", "approved"], "approved"),
        (["approved", "dismissed"], ""),
        (["dismissed", "approved"], "approved"),
        (["other"], ""),
        ([], ""),
    ],
)
def test_the_newest_word_of_each_counts_and_a_comment_is_none(words: list[str], last: str) -> None:
    assert who(*map(review, words)) == ([("ada", last)] if last else [])


def test_only_what_was_said_of_exactly_this_commit_counts() -> None:
    assert who(review("approved", commit=OLD)) == []
    assert who(review("approved"), review("changes requested", commit=OLD)) == [], "the newest word is of another one"


def test_one_person_is_one_however_the_name_is_written_and_the_author_is_none() -> None:
    assert who(review("approved", "Ada"), review("approved", "ada")) == [("ada", "approved")]
    assert who(review("approved", "Liftgate-Bot")) == []
    assert who(review("approved"), review("approved", "grace")) == [("ada", "approved"), ("grace", "approved")]


def test_an_approval_is_withdrawn_by_a_dismissal_or_another_word_and_not_by_a_comment_or_a_push() -> None:
    said = [review("approved", "Ada"), review("approved", "grace"), review("approved", "rosa", OLD)]
    assert withdrawn([*said, review("other", "ada")]) == frozenset()
    assert withdrawn([*said, review("dismissed", "ada"), review("changes requested", "grace")]) == {"ada", "grace"}
    assert withdrawn([review("dismissed", "ada"), review("approved", "ada")]) == frozenset()
