"""What people are called for: exact commands, and only chat ids that are some."""

from __future__ import annotations

from liftgate.domain.approval.policy import Person
from liftgate.domain.approval.requester import Requester
from liftgate.domain.promotion import manual_recovery
from liftgate.domain.promotion.attempt import Rollback
from liftgate.integrations.chat.slack import account
from tests.examples import NOW, entry

ROLLBACK = Rollback(
    id="01a20f09-bbb0-7e2f-949a-46852c305b57", application="shop", environment="prod",
    argocd=(("shop-prod",),), paths=("configs/prod/my shop/values.json",), head="h", requester=Requester(name="ada"),
    requested_at=NOW, reason="it was bad", previous="1.4.1", reverts="bad", undo="u" * 40, good="g" * 40,
)  # fmt: skip
CHOSEN = ROLLBACK.copy_with(reverts="", undo="", restores="good one")


def test_a_revert_is_one_command_and_of_a_merge_names_its_side() -> None:
    for mainline, option in ((False, ""), (True, "--mainline 1 ")):
        listed = manual_recovery.commands(ROLLBACK, "main", mainline=mainline, as_file=False)
        assert f"git revert --no-edit {option}{'u' * 40}" in listed
        assert listed[-1] == "liftgate rollback shop --in prod --promotion bad"


def test_a_file_comes_back_as_it_was_verified_with_every_word_quoted() -> None:
    listed = manual_recovery.commands(CHOSEN, "main", mainline=False, as_file=True)
    assert f"git restore --source={'g' * 40} --staged --worktree -- 'configs/prod/my shop/values.json'" in listed
    assert "git commit --message 'Roll back shop in prod to 1.4.1'" in listed
    assert listed[-1] == "liftgate rollback shop --in prod --to 'good one'"


def test_who_is_called_are_those_named_or_everybody_and_never_what_is_no_id() -> None:
    people = {
        "ada": Person(slack="U01ADA"),
        "eve": Person(slack="!channel"),
        "bob": Person(),
        "rosa": Person(slack="W02"),
    }
    assert manual_recovery.called((), people, account) == ("U01ADA", "W02")
    assert manual_recovery.called(("rosa", "eve", "nobody"), people, account) == ("W02",)


def test_what_did_not_heal_names_the_next_values_that_were_verified() -> None:
    said = manual_recovery.not_healed(ROLLBACK, "it did not heal", entry(), ("U1",), "url")
    assert said.commands == (f"liftgate rollback shop --in prod --to {entry().promotion}",)
    assert manual_recovery.in_words(said).splitlines()[-1] == said.commands[0]
    assert manual_recovery.not_healed(ROLLBACK, "it did not heal", None, (), "").commands == ()
