"""Which commits a promotion is judged by, and what is known of each, over a real repository without a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as FILE
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.commits.judged_commit import JudgedCommit
from liftgate.domain.commits.revoked_keys import REVOKED_KEYS
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Misconfigured
from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Author, Repository
from liftgate.services import planning, signatures
from liftgate.services.signatures import Place, Range
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, SERVER, WORKER, entry, text, values
from tests.integrations.git.test_commit_signatures import ADA, MALLORY, PEOPLE, Branch, line

BASE, DEV = "configs/base/values.json", "configs/dev/values.json"
KEYS = ALLOWED_SIGNERS.encode() + b"\n" + line(ADA)
FORGE = GitHub(Access(url="https://api.example.com", repository="shop/config"))
PERSON = {"email": "ada@example.com", "github": "ada"}


@dataclass
class Shop(Branch):
    """`example-app` with 1.4.2 in dev, promoted there, and signatures required there."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def tree(self) -> ConfigSnapshot:
        return ConfigSnapshot(self.repository, self.head)

    def policy(self, rule: str | None, keys: bytes = KEYS) -> None:
        dev: dict[str, Any] = {"signatures": rule} if rule else {}
        self.commit(
            {"liftgate.json": text(SEED | {"policy": {"dev": dev}, "people": {"ada": PERSON}}), FILE: keys}, ADA
        )

    def put(self, version: str, key: Any = None, **more: Any) -> str:
        """A release in the base."""
        return self.commit({BASE: text(values("base", version))}, key, **more)

    def promoted(self) -> None:
        """All that is there now."""
        newest = self.tree.newest_release("example-app")
        revision = self.commit({DEV: text(values("dev", newest.version))}, WORKER)
        of = {"release": newest.id, "source": newest.source, "source_path": newest.paths[0], "version": newest.version}
        self.entries.append(entry(environment="dev", revision=revision, promotion=f"p{self.count}", **of))

    def judged(self) -> dict[str, str]:
        """State by commit of what a promotion of the newest release to dev would bring."""
        newest = self.tree.newest_release("example-app")
        place = Place("example-app", "dev", newest.source, newest.paths)
        return {each.commit: each.state for each in signatures.judge_place(self.tree, FORGE, self.entries, place)}

    def verdict(self) -> Verdict | None:
        newest = self.tree.newest_release("example-app")
        plan = planning.promote(self.tree, newest, "dev", NOW.date(), self.entries)
        return signatures.verdict_of(self.tree, FORGE, self.entries, plan)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    Git(tmp_path)("init", "--bare", "-q", "config.git")
    made = Shop(Repository(tmp_path / "config.git"))
    places = {f"configs/{name}/values.json": text(values(name)) for name in ("dev", "staging", "prod")}
    made.commit({**places, BASE: text(values("base", "1.4.2")), "liftgate.json": text(SEED)})
    made.policy("required")
    made.promoted()
    return made


def test_what_was_promoted_is_not_judged_again(shop: Shop) -> None:
    assert shop.judged() == {}
    first, second = shop.put("1.4.3", ADA), shop.put("1.4.4")
    assert shop.judged() == {second: "not signed", first: "signed"}
    shop.promoted()
    third = shop.put("1.4.5", ADA)
    assert shop.judged() == {third: "signed"}


def test_before_the_first_promotion_all_since_liftgate_json_is_judged(shop: Shop) -> None:
    shop.entries.clear()
    first, *rest = shop.judged().items()
    assert (first[1], [state for _, state in rest]) == ("signed", ["unknown key"]), "the commit that brought the keys"


def test_what_changed_the_environment_itself_counts_too(shop: Shop) -> None:
    """Also what lies beside its values. Liftgate's own commits are signed."""
    own = shop.commit({DEV: text(values("dev", "1.4.2", ttl=1))}, WORKER)
    by_hand = shop.commit({"configs/dev/kustomization.yaml": b"resources: []\n"})
    shop.commit({"configs/prod/values.json": text(values("prod", "1.4.0")), "README.md": b"x"})
    assert shop.judged() == {by_hand: "not signed", own: "signed"}
    update = planning.update(shop.tree, "example-app", "dev", {"/application/x": 1})
    found = signatures.judge_plan(shop.tree, FORGE, shop.entries, update)
    assert [each.commit for each in found] == [by_hand, own]


def test_where_environments_share_a_folder_only_the_values_count(shop: Shop) -> None:
    both = {
        "environments": {"dev": "/apps", "prod": "/apps"},
        "applications": {"shop": {"values": "{environment}.json"}},
    }
    shop.commit({"liftgate.json": text(both)})
    assert signatures.environment_paths(shop.tree, "shop", "dev") == ("apps/dev.json",)
    alone = {"environments": {"dev": "/configs/dev"}, "applications": {"shop": {}}}
    shop.commit({"liftgate.json": text(alone)})
    assert signatures.environment_paths(shop.tree, "shop", "dev") == ("configs/dev",)


def test_a_key_that_came_without_a_signature_stops_the_promotion(shop: Shop) -> None:
    brings = shop.commit({FILE: KEYS + line(MALLORY)}, MALLORY)
    uses = shop.put("1.4.3", MALLORY)
    assert shop.judged() == {uses: "signed", brings: "unknown key"}
    verdict = shop.verdict()
    assert verdict
    assert verdict.failed
    assert brings[:12] in verdict.reason


def test_a_key_that_is_revoked_later_does_not_count(shop: Shop) -> None:
    signed = shop.put("1.4.3", ADA)
    assert shop.judged()[signed] == "signed"
    shop.commit({REVOKED_KEYS: line(ADA).split(b" ", 2)[2] + b"# stolen\n"})
    assert shop.judged()[signed] == "revoked key"
    shop.commit({REVOKED_KEYS: b"ada@example.com\n"})
    with pytest.raises(Misconfigured, match=r"revoked_keys:1: a public key must follow"):
        shop.judged()


@pytest.mark.parametrize(
    ("email", "state"),
    [
        ("ADA@example.com", "signed"),
        ("1+Ada@users.noreply.github.com", "signed"),
        ("1+Tom@users.noreply.github.com", "signed by another person"),
        ("tom@example.com", "signed by another person"),
    ],
)
def test_the_signer_must_be_the_committer(shop: Shop, email: str, state: str) -> None:
    files = {BASE: text(values("base", "1.4.3"))}
    shop.head = shop.repository.write(shop.head, files, "x\n", NOW, Author(name="A", email=email), ADA)
    assert shop.judged() == {shop.head: state}


def test_a_merged_branch_is_judged_by_its_commits(shop: Shop) -> None:
    """The forge signs the merge with its own key, or not at all: that proves no person."""
    start = shop.head
    side = shop.put("1.4.3", ADA, on=start)
    shop.commit({"docs/a.md": b"x"})
    shop.merge(side)
    assert shop.judged() == {side: "signed"}
    unsigned = shop.put("1.4.4", on=shop.head)
    shop.commit({"docs/b.md": b"x"})
    shop.merge(unsigned)
    assert shop.judged() == {unsigned: "not signed", side: "signed"}


def test_a_merge_that_changes_the_values_itself_is_refused(shop: Shop) -> None:
    side = shop.put("1.4.3", ADA, on=shop.head)
    shop.commit({"docs/a.md": b"x"}, ADA)
    merge = shop.merge(side, {BASE: text(values("base", "9.9.9"))})
    assert shop.judged()[merge] == "not signed"


def test_a_pull_requests_commits_are_judged_by_the_keys_of_the_main_branch(shop: Shop) -> None:
    brings = shop.commit({FILE: KEYS + line(MALLORY)}, MALLORY, on=shop.head)
    uses = shop.put("1.4.3", MALLORY, on=brings)
    good = shop.put("1.4.4", ADA, on=uses)
    found = signatures.judge_commits(shop.tree, FORGE, [good, uses, brings], shop.head)
    assert [each.state for each in found] == ["signed", "unknown key", "unknown key"]
    assert str(found[0]) == f"{good[:12]} by Ada <ada@example.com>: signed by ada@example.com"


def test_a_rewritten_main_branch_is_judged_as_a_whole(shop: Shop) -> None:
    """What was promoted last is not in its history any more."""
    kept, lost = shop.head, shop.put("1.4.3", ADA)
    shop.promoted()
    shop.head = kept
    new = shop.put("1.4.5")
    assert shop.entries[-1].source == lost
    assert shop.judged() == {new: "not signed"}


def test_a_release_that_is_not_there_and_older_commits_are_not_taken_for_signed(shop: Shop) -> None:
    (lost,) = signatures.judge_place(shop.tree, FORGE, [], Place("example-app", "dev", "f" * 40))
    assert (lost.state, lost.commit) == ("not checked", "f" * 40)
    found = signatures.judge_range(shop.tree, FORGE, Range("", shop.head, (BASE, DEV)), most=1)
    assert len(found) == 2
    assert found[1] == JudgedCommit(
        commit="", author="unknown", when=found[1].when, state="not checked",
        reason="not checked: older than the newest 1 commits",
    )  # fmt: skip


def test_a_page_has_so_many_and_says_whether_there_are_more(shop: Shop) -> None:
    made = [shop.put(f"1.4.{n}", ADA) for n in range(5)]
    shop.commit({FILE: KEYS + b"# a comment\n"}, ADA)
    newest = shop.commit({DEV: text(values("dev", "2"))})

    def page(skip: int, limit: int) -> tuple[list[str], int | None]:
        found = signatures.judge_page(shop.tree, FORGE, "dev", ["example-app"], skip, limit)
        return [each.commit for each in found.commits], found.next

    first, more = page(0, 2)
    assert (first[0], len(first), more) == (newest, 2, 2)
    everything, more = page(0, 0)
    assert (len(everything), more, made[0] in everything) == (5, None, False), "a release is not in dev yet"
    assert page(2, 3) == (everything[2:5], None)
    assert page(5, 2) == ([], None)


def test_without_a_word_of_the_policy_a_persons_key_decides(shop: Shop) -> None:
    assert signatures.rule_of(shop.tree, "dev") == "required"
    assert signatures.rule_of(shop.tree, "prod") == "reported"
    shop.policy(None, ALLOWED_SIGNERS.encode())
    assert signatures.rule_of(shop.tree, "dev") is None
    assert shop.verdict() is None


def test_people_have_keys_for_commits_that_are_not_the_workers() -> None:
    votes = signature.allowed_line("x", ("liftgate-vote",), signature.public_bytes(SERVER))
    several = f'bot namespaces="git" {line(WORKER, "w").decode().split(" ", 2)[2]}'
    found = signatures.peoples_keys(read_allowed(f"{KEYS.decode()}{votes}\n{several}"))
    assert [each.principal for each in found] == [PEOPLE[ADA].email]
