"""What counts as a promotion's commit over a real repository: our signature, or the merge of what we signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as FILE
from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.domain.promotion.message import APPLICATION, APPROVED, ENVIRONMENT, PROMOTION_ID, REVERTS, SOURCE, compose
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change, find_promotion_commit, history, promotion_commits
from liftgate.integrations.git.process import Git, Result
from liftgate.integrations.git.repository import Repository
from liftgate.services.merge_base import find_base
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, SERVER, WORKER, text, values
from tests.integrations.conftest import AUTHOR

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PATH = "configs/prod/values.json"
ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@dataclass
class Branch:
    repository: Repository
    head: str

    def commit(self, message: str, key: Ed25519PrivateKey | None = None, *, on: str = "", **files: bytes | None) -> str:
        """On the branch; with `on` on that commit, and in no branch."""
        wanted = {PATH: message.encode(), **{_PLACES[name]: data for name, data in files.items()}}
        sha = self.repository.write(on or self.head, wanted, message, NOW, AUTHOR, key)
        if not on:
            self.head = sha
        return sha

    def merge(self, other: str, message: str = "Merge\n", key: Ed25519PrivateKey | None = None) -> str:
        tree = self.repository.object_id(other, "")
        self.head = self.repository.commit_tree(tree, [self.head, other], message, NOW, AUTHOR, key)
        return self.head

    def find(self, promotion: str) -> Change | None:
        return find_promotion_commit(self.repository, self.head, promotion)

    def sha(self, promotion: str) -> str:
        found = self.find(promotion)
        return found.sha if found else ""


_PLACES = {"signers": FILE, "configuration": "liftgate.json", "base": "configs/base/values.json"}


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    Git(tmp_path)("init", "--bare", "-q", "config.git")
    repository = Repository(tmp_path / "config.git")
    files = {"liftgate.json": text(SEED | {"applications": {"example-app": {}}}), FILE: ALLOWED_SIGNERS.encode()}
    return Branch(repository, repository.write("", files, "Start\n", NOW, AUTHOR, None))


def said(promotion: str = ONE, *more: tuple[str, str], body: str = "") -> str:
    trailers = [(PROMOTION_ID, promotion), (APPLICATION, "example-app"), (ENVIRONMENT, "prod"), *more]
    return compose("Promote", body, trailers)


def test_what_the_worker_signed_is_the_promotions_commit(branch: Branch) -> None:
    ours = branch.commit(said(), WORKER)
    branch.commit("by hand\n")
    assert branch.sha(ONE) == ours
    assert branch.find(TWO) is None
    assert branch.find("") is None


@pytest.mark.parametrize("key", [None, SERVER], ids=["nobody", "a key for votes"])
def test_what_anybody_else_wrote_is_a_persons_own_commit_whatever_it_says(
    branch: Branch, key: Ed25519PrivateKey | None
) -> None:
    branch.commit(said(ONE, (APPROVED, "ada"), (APPROVED, "grace")), key)
    assert branch.find(ONE) is None
    assert find_change(branch.repository, branch.head).trailers == {}


def test_a_commit_does_not_bring_the_key_that_proves_it(branch: Branch) -> None:
    line = signature.allowed_line("mallory@example.com", ("git",), signature.public_bytes(SERVER))
    branch.commit(said(), SERVER, signers=f"{ALLOWED_SIGNERS}\n{line}\n".encode())
    assert branch.find(ONE) is None


def test_neither_does_a_proposal_or_what_it_stands_on(branch: Branch) -> None:
    line = signature.allowed_line("mallory@example.com", ("git",), signature.public_bytes(SERVER))
    base = branch.commit("a key\n", on=branch.head, signers=f"{ALLOWED_SIGNERS}\n{line}\n".encode())
    branch.merge(branch.commit(said(), SERVER, on=base))
    assert branch.find(ONE) is None


def test_what_was_signed_while_the_key_was_allowed_stays_ours(branch: Branch) -> None:
    ours = branch.commit(said(), WORKER)
    branch.commit("another key\n", signers=b"# nobody\n")
    branch.commit(said(TWO), WORKER)
    assert (branch.sha(ONE), branch.find(TWO)) == (ours, None)


def test_a_bad_line_among_the_keys_takes_nothing_from_the_others(branch: Branch) -> None:
    branch.commit("a line\n", signers=f'x namespaces="git" ssh-ed25519 nonsense\n{ALLOWED_SIGNERS}'.encode())
    assert branch.commit(said(), WORKER) == branch.sha(ONE)


@pytest.mark.parametrize("message", [f"Merge pull request #1 from shop/liftgate/promotions/{ONE}\n\nT\n", said()])
def test_the_merge_of_our_proposal_is_its_commit_whoever_merged_it(branch: Branch, message: str) -> None:
    proposal = branch.commit(said(), WORKER, on=branch.head)
    merged = branch.merge(proposal, message)
    found = branch.find(ONE)
    assert found is not None
    assert (found.sha, found.trailer(ENVIRONMENT)) == (merged, "prod")


def test_what_a_merge_says_of_approvals_counts_nothing(branch: Branch) -> None:
    branch.merge(branch.commit(said(), WORKER, on=branch.head), said(ONE, (APPROVED, "ada")))
    found = branch.find(ONE)
    assert found is not None
    assert APPROVED not in found.trailers


def test_a_merge_of_what_we_did_not_sign_and_a_squash_of_what_we_did_are_peoples_own(branch: Branch) -> None:
    branch.merge(branch.commit(said(), None, on=branch.head), said())
    assert branch.find(ONE) is None
    proposal = branch.commit(said(TWO), WORKER, on=branch.head)
    branch.commit(branch.repository.log(proposal, limit=1)[0].message)
    assert branch.find(TWO) is None


def test_an_entry_of_the_ledger_that_was_merged_is_no_promotion(branch: Branch) -> None:
    """The worker signs those too."""
    branch.merge(branch.commit(f"Entry\n\n{PROMOTION_ID}: {ONE}\n", WORKER, on=branch.head), said())
    assert branch.find(ONE) is None


def test_a_signature_taken_from_another_commit_proves_nothing(branch: Branch) -> None:
    branch.commit(said(), WORKER)
    (raw,) = branch.repository.objects([branch.head])
    assert raw is not None
    changed = raw.replace(ONE.encode(), TWO.encode())
    branch.head = branch.repository.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=changed)
    assert branch.find(TWO) is None


def test_commits_that_quote_a_promotion_do_not_hide_it(branch: Branch) -> None:
    """In a reason, in a quoted message, or a hundred forged ones: it is found behind them all."""
    ours = branch.commit(said(), WORKER)
    quoted = branch.commit(said(TWO, body=f"as in\n\n{PROMOTION_ID}: {ONE}\n\nbefore"), WORKER)
    branch.commit(f'Revert "Promote"\n\nThis reverts commit {ours}.\n\n{PROMOTION_ID}: {ONE}\n')
    for number in range(100):
        branch.commit(f"{number}\n\n{said()}")
    assert (branch.sha(ONE), branch.sha(TWO)) == (ours, quoted)


def test_the_commits_of_promotions_are_those_that_are_proven_newest_first(branch: Branch) -> None:
    one = branch.commit(said(ONE), WORKER)
    branch.commit(said("forged"))
    branch.commit("by hand\n")
    two = branch.merge(branch.commit(said(TWO), WORKER, on=branch.head), f"Merge {PROPOSALS}{TWO}\n")
    assert [each.sha for each in promotion_commits(branch.repository, branch.head)] == [two, one]
    assert [each.sha for each in promotion_commits(branch.repository, branch.head, limit=1)] == [two]


def test_a_forged_commit_neither_is_the_last_promotion_nor_takes_it_back(branch: Branch) -> None:
    """The base of the next merge is what we promoted."""
    source = branch.commit("Release\n", base=text(values("base", "1.4.2")))
    branch.commit(said(ONE, (SOURCE, source)), WORKER)
    later = branch.commit("Release\n", base=text(values("base", "6.6.6")))
    branch.commit(said(TWO, (SOURCE, later)))
    branch.commit(said("back", (REVERTS, ONE)))
    base = find_base(ConfigSnapshot(branch.repository, branch.head), (), "example-app", "prod")
    assert base is not None
    assert base.version == "1.4.2"


def test_a_page_of_history_costs_one_process_however_many_commits_are_ours(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        branch.commit(said(f"promotion-{number}"), WORKER)
    asked: list[str] = []
    run = Git.run

    def counted(git: Git, *arguments: str, **more: object) -> Result:
        asked.append(arguments[0])
        return run(git, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", counted)
    assert len([each for each in history(branch.repository, branch.head) if each.promotion]) == 50
    assert asked == ["rev-list"] * 2, "of 40, and the first commit: the newest 10 need none"
