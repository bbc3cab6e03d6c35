"""Show, check and set the rules of the branches at the forge: reviews, the status check, signatures, history.

Without --apply it changes nothing, and ends with 1 if a rule is missing. With --apply it sets what is missing. It never
takes away or loosens a rule. Without the right to set rules it prints what to click, and ends with 3. It never writes
CODEOWNERS: add the lines that it shows.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any, Final

from liftgate.cli import connection
from liftgate.cli.answer import DONE, FAILED, Answer, Usage, paint, say
from liftgate.domain.protection.difference import Line
from liftgate.errors import Refused
from liftgate.integrations.forge.protection import Protection
from liftgate.services.protect import Asked, Protected, protection_of, set_protection
from liftgate.wiring import Integrations

KEYS: Final = {
    "rules": "list of {wanted, there, state, allows, ruleset, by_hand}; state is in place, missing or not checked; "
    "allows says what can happen while it is missing, by_hand what only a person can do",
    "changed": "names of the rulesets that this call wrote",
    "clicks": "what to click for the rules that are still missing, one text for each ruleset",
    "notes": "what follows from the policy",
}
_GENERAL: Final = """Liftgate cannot set the rules of branches at this forge yet. In the settings of the repository:
  {branch}: forbid force pushes and deletion; take changes only by pull request, reviewed by the people who may approve;
    require the status check liftgate; let the worker's account push, if an environment is delivered by push
  liftgate/ledger: let only the worker's account push; forbid force pushes and deletion
  liftgate/promotions/*, liftgate/preview/*: let only the worker's account create, push and delete"""
_COLOURS: Final = {"in place": "green", "missing": "red"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--apply", action="store_true", help="set what is missing")
    parser.add_argument(
        "--worker",
        metavar="ACCOUNT",
        action="append",
        default=[],
        help="the account with which Liftgate pushes and merges: a login, an app's name with [bot], "
        "@organization/team, or deploy-key; "
        "may be given several times (without it: the account that asks)",
    )
    parser.add_argument("--repo", metavar="DIR", default="", help="a clone of the configuration repository")


def run(given: Any) -> Answer:
    """Raises Usage, Misconfigured, Unavailable, Refused for an account that does not exist."""
    at = Integrations(connection.settings_of(given.repo))
    branch, rules = at.settings.repository.branch, at.forge.protection()
    if rules is None:
        data: dict[str, Any] = {"rules": [], "changed": [], "clicks": [_GENERAL.format(branch=branch)], "notes": []}
        return Answer(data["clicks"][0], data, Refused.exit_code)
    if given.apply and not given.worker and not rules.own_account().is_app:
        raise Usage("say with which account Liftgate pushes: --worker ACCOUNT; it is not always the one that asks")
    tree = connection.pipeline(given.repo)
    asked = Asked(rules, tree, branch, at.forge.login, tuple(given.worker))
    return _applied(asked) if given.apply else _answer(rules, protection_of(asked))


def _applied(asked: Asked) -> Answer:
    written: list[str] = []

    def told(name: str) -> None:
        written.append(name)
        say(f"set: {name}")

    refused = set_protection(asked, told)
    for reason in refused:
        say(f"liftgate: {reason}")
    code = Refused.exit_code if refused else None
    return _answer(asked.rules, protection_of(asked), written, code)


def _answer(rules: Protection, found: Protected, written: Sequence[str] = (), code: int | None = None) -> Answer:
    clicks = [rules.by_hand(each) for each in found.changes]
    data = {
        "rules": [line.model_dump() for line in found.lines],
        "changed": list(written),
        "clicks": clicks,
        "notes": list(found.notes),
    }
    texts = [*_shown(found.lines), *found.notes]
    if found.missing:
        texts += [f"{len(found.missing)} of {len(found.lines)} rules are missing", *_by_hand(found.missing)]
    if code == Refused.exit_code:
        texts += ["\nA person with the role Admin can set them:", *clicks]
    elif clicks:
        texts.append("\nTo set them, as an administrator: liftgate protect --apply --worker ACCOUNT")
    return Answer("\n".join(texts), data, code if code is not None else FAILED if found.missing else DONE)


def _shown(lines: tuple[Line, ...]) -> Iterator[str]:
    """Each rule, and below it what there is instead and what can happen."""
    width = max(len(line.state) for line in lines)
    for line in lines:
        yield paint(f"{line.state:{width}}  {line.wanted}", _COLOURS.get(line.state, "yellow"))
        if line.state != "in place":
            yield f"{'':{width}}  there: {line.there}" + (f"; without it: {line.allows}" if line.allows else "")


def _by_hand(missing: tuple[Line, ...]) -> Iterator[str]:
    """What only a person can do; the lines for one file together."""
    texts: dict[str, list[str]] = {}
    for line in missing:
        if line.by_hand:
            title, _, rest = line.by_hand.partition("\n")
            texts.setdefault(title, []).append(rest)
    if texts:
        yield "\nWhat only a person can do:"
    for title, below in texts.items():
        yield "\n".join(filter(None, [title, *below]))
