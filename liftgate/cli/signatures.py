"""The signatures of commits in a clone: by environment, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from liftgate.cli.answer import paint, table
from liftgate.cli.clone import Clone
from liftgate.domain.commits.judged_commit import JudgedCommit, Rule
from liftgate.integrations.git.main_line import check_whole_history
from liftgate.services import signatures
from liftgate.services.signatures import Accounts

LIMIT: Final = 20
KEYS: Final = {
    "signatures": "list of {environment, policy, commit, author, when, state, signer, reason}: the commits that "
    "changed an environment, newest first; policy is required, reported or empty; signed and clean merge are valid",
    "next": "the value of --skip for the next page of commits; null after the last one",
}


class Listed(NamedTuple):
    environment: str
    rule: Rule | None
    judged: JudgedCommit

    @property
    def is_refused(self) -> bool:
        """Whether the policy stops a promotion for it."""
        return self.rule == "required" and not self.judged.is_valid


def accounts() -> Accounts:
    """The forge of the settings, for the e-mail addresses that it makes; it is sent no request."""
    from liftgate.cli import connection
    from liftgate.wiring import Integrations

    return Integrations(connection.settings()).forge


class Page(NamedTuple):
    listed: tuple[Listed, ...] = ()
    next: int | None = None


def read_page(clone: Clone, application: str, environment: str, skip: int, limit: int) -> Page:
    """Of each environment so many commits. Raises Misconfigured for a shallow clone: it lacks what would prove them."""
    tree = clone.tree
    check_whole_history(tree.repository)
    names, forge = [application] if application else list(tree.applications), accounts()
    found: list[Listed] = []
    following: int | None = None
    for place in [environment] if environment else tree.configuration.order:
        page = signatures.judge_page(tree, forge, place, names, skip, limit)
        found += [Listed(place, signatures.rule_of(tree, place), judged) for judged in page.commits]
        following = page.next or following
    return Page(tuple(found), following)


def data_of(listed: Sequence[Listed]) -> list[dict[str, Any]]:
    return [
        {"environment": each.environment, "policy": each.rule or "", **each.judged.model_dump(mode="json")}
        for each in listed
    ]


def lines_of(page: Page) -> Iterator[str]:
    rows = [_row(each) for each in page.listed]
    for line, each in zip(table(rows), page.listed, strict=True):
        yield paint(line, "green" if each.judged.is_valid else "red" if each.is_refused else "yellow")
    if not rows:
        yield "no commits changed these environments"
    if page.next is not None:
        yield f"there are more: add --skip {page.next}"


def _row(listed: Listed) -> tuple[str, ...]:
    judged = listed.judged
    said = f"{judged.state}: {judged.reason}"
    return f"{judged.when:%Y-%m-%d %H:%M}", judged.commit[:12], listed.environment, judged.author, said
