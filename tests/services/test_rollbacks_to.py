"""Back to a promotion that somebody chose: its values byte for byte, once, and everything later is taken back."""

from __future__ import annotations

import pytest

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning import diff
from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.message import PROMOTION_ID, RESTORES, REVERTS
from liftgate.errors import Refused
from liftgate.services import deployments
from liftgate.services.rollbacks import difference, revert_once
from tests.examples import text
from tests.lab import Lab, configured
from tests.services.course import Course

FILE = "configs/dev/values.json"


def file_at(lab: Lab, commit: str, path: str = FILE) -> bytes:
    found = lab.remote.file(commit, path)
    assert found is not None
    return found.data


def beginning(course: Course, to: str) -> Rollback:
    return course.begin_back(course.start("rollback", environment="dev", back_to=to))


def shown(course: Course, rollback: Rollback) -> str:
    """As the run's artifact has it."""
    plan, misfits = difference(course.at, rollback)
    return "\n".join([diff.plan_markdown(plan, limit=10_000), *misfits])


def entries(course: Course) -> dict[str, Entry]:
    return {entry.promotion: entry for entry in course.lab.entries("dev")}


def test_the_values_are_as_they_were_verified_and_all_later_promotions_are_taken_back(course: Course) -> None:
    lab = course.lab
    first, second, third = course.past("1.4.2"), course.past("1.4.3"), course.promoted("1.4.4")
    lab.commit({FILE: text(lab.json("dev") | {"note": "by hand"}), "README.md": b"stays\n"})
    rollback = beginning(course, first)
    for words in ("/note", "by hand"):
        assert words in shown(course, rollback)
    done = course.back(rollback)
    assert done.sentence.startswith("Rolled dev back to 1.4.2 in ")
    assert f"those of 1.4.2, as promotion {first} verified them; 2 promotions were taken back" in done.reason
    newest = lab.commits()[0]
    assert (newest.trailer(PROMOTION_ID), newest.trailer(RESTORES)) == (rollback.id, first)
    assert newest.trailers[REVERTS] == (third, second)
    assert file_at(lab, newest.sha) == file_at(lab, entries(course)[first].revision)
    assert file_at(lab, newest.sha, "README.md") == b"stays\n"
    assert (lab.version("dev"), lab.serves("dev")) == ("1.4.2", "1.4.2")
    assert entries(course)[rollback.id] == done
    assert (done.kind, done.outcome, done.version) == ("rollback", "verified", "1.4.2")
    assert (done.restores, done.took_back, done.revision) == (first, (third, second), newest.sha)
    assert "*back to*" in course.said()
    check_what_comes_after(course, first, done.promotion)


def check_what_comes_after(course: Course, first: str, back: str) -> None:
    """Blocked releases, ids that cannot be gone back to, and the newest to take back is the one that was chosen."""
    with pytest.raises(Refused, match=r"1\.4\.4 was rolled back in dev"):
        course.begin(course.start("promote", to="dev"))
    with pytest.raises(Refused, match="nothing to do"):
        course.roll_back(back_to=first)
    with pytest.raises(Refused, match="is itself a rollback, which cannot be taken back"):
        course.roll_back(promotion=back)
    newest = course.roll_back()
    assert newest.good
    assert newest.sentence.startswith("Rolled dev back to 1.4.1 in ")
    assert course.lab.commits()[0].trailer(REVERTS) == first


def test_what_cannot_be_gone_back_to_is_refused_with_the_nearest_right_thing(course: Course) -> None:
    good = course.past("1.4.2")
    elsewhere = course.finish(course.commit(course.begin(course.start("promote", to="staging"))))
    bad = course.promote("1.5.0")
    assert (elsewhere.outcome, bad.outcome) == ("promoted", "rolled back")
    commits = len(course.lab.commits())
    for wanted, words, nearest in (
        ("nobody", 'the ledger knows no promotion "nobody"', good),
        (elsewhere.promotion, "belongs to example-app in staging, not to example-app in dev", ""),
        (bad.promotion, "was never verified in dev (Rolled back", good),
    ):
        with pytest.raises(Refused) as refused:
            course.roll_back(back_to=wanted)
        assert words in str(refused.value)
        assert nearest in str(refused.value)
    assert len(course.lab.commits()) == commits


def asks_for_a_team(lab: Lab) -> None:
    """A schema that came after the values."""
    document = configured(lab)
    document["applications"]["example-app"]["schema"] = "schema.json"
    schema = {"properties": {"application": {"required": ["team"]}}}
    lab.commit({"liftgate.json": text(document), "schema.json": text(schema)})


def test_values_that_do_not_heal_call_people_with_the_next_ones_that_were_verified(course: Course) -> None:
    older, first, _ = (course.past(version) for version in ("1.4.2", "1.4.3", "1.4.4"))
    commands = {"smoke": ["sh", "-c", "echo 2 of 9 failed; exit 1"]}
    worker = course.at.settings.worker.model_copy(update={"commands": commands})
    broken = course.another(worker=worker)
    asks_for_a_team(course.lab)
    rollback = beginning(broken, first)
    assert "does not fit today's checks" in shown(broken, rollback), "which stops nothing"
    assert "team" in shown(broken, rollback)
    done = broken.back(rollback)
    assert done.outcome == "rollback failed"
    assert "2 of 9 failed" in done.sentence
    assert f"liftgate rollback example-app --in dev --to {older}" in course.said()
    assert course.lab.version("dev") == "1.4.3"
    assert entries(course)[rollback.id] == done


def test_a_promotion_that_is_under_way_is_overtaken_and_taken_back_too(course: Course) -> None:
    first = course.past("1.4.2")
    overtaken = course.under_way("1.4.3")
    done = course.roll_back(back_to=first)
    assert done.outcome == "verified"
    assert course.finish(overtaken).outcome == "superseded"
    assert done.took_back == (overtaken.id,)
    assert (course.lab.version("dev"), course.lab.serves("dev")) == ("1.4.2", "1.4.2")


def test_a_promotion_that_fails_after_it_was_taken_back_is_not_taken_back_again(course: Course) -> None:
    """Nor do the values come back that were there before it: somebody goes back further, and is not done yet."""
    first, second = course.past("1.4.2"), course.past("1.4.3")
    bad = course.under_way("1.4.4")
    deployed = deployments.bring_to_cluster(course.at, bad)
    chosen = revert_once(course.at, beginning(course, first))
    failing = course.at.settings.worker.model_copy(update={"commands": {"smoke": ["false"]}})
    said = course.another(worker=failing).verified(bad, deployed)
    assert said.failed
    assert course.over(bad, course.take_back(bad, said.reason, deployed)).outcome == "rolled back"
    assert course.finish_back(chosen).outcome == "verified"
    reverts = [commit.trailers[REVERTS] for commit in course.lab.commits() if REVERTS in commit.trailers]
    assert reverts == [(bad.id, second)]
    assert course.lab.version("dev") == "1.4.2"
