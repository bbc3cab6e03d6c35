"""The rendered difference for people: as Markdown, in a terminal, in one sentence, and as a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from liftgate.domain.common.markup import code, limited, prose
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.planning.diff_text import pair
from liftgate.domain.rendered.fields import FieldChange, Kind
from liftgate.domain.rendered.rendered import ObjectChange, Part, Rendered

TITLE: Final = "What will change in the cluster"
SIGNS: Final[dict[Kind, str]] = {"add": "+", "remove": "-", "replace": "~"}
_WORDS: Final[dict[Kind, str]] = {"replace": "changes", "add": "is added", "remove": "is removed"}
_WIDTH: Final = 60
_NAMES: Final = 240


def rendered_verdict(rendered: Rendered) -> Verdict:
    """Failed if the commit does not render; passed only if it could be compared."""
    broken = [part for part in rendered.parts if part.state == "broken"]
    if broken:
        return failed("; ".join(map(_whole, broken)))
    said = "; ".join(_whole(part) if len(rendered.parts) > 1 else rendered_sentence(part) for part in rendered.parts)
    is_seen = rendered.is_certain and any(part.state == "rendered" for part in rendered.parts)
    return passed(said) if is_seen else not_configured(said)


def rendered_sentence(part: Part) -> str:
    """`1 object changes, 2 are added`."""
    if part.sentence:
        return part.sentence
    kinds = [change.kind for change in part.changes]
    counts = [(kinds.count(kind), word) for kind, word in _WORDS.items()]
    listed = [f"{count} {word if count == 1 else _plural(word)}" for count, word in counts if count]
    if not listed:
        return "no changes: the proposed commit renders to the same objects"
    number, _, rest = listed[0].partition(" ")
    return ", ".join([f"{number} {'object' if number == '1' else 'objects'} {rest}", *listed[1:]])


def brief(rendered: Rendered, *, limit: int) -> str:
    """A line for each Application: `2 objects change: ConfigMap/config, Deployment/web`; at most `limit` characters."""
    alone = len(rendered.parts) == 1
    return limited([], [_brief(part, "" if alone else f"{part.application}: ") for part in rendered.parts], limit)


def rendered_markdown(rendered: Rendered, *, limit: int) -> str:
    """For a pull request or an artifact; at most `limit` characters."""
    lines = [line for part in rendered.parts for line in part_lines(part)]
    return limited([f"**{TITLE}**"], lines, limit)


def rendered_terminal(rendered: Rendered) -> str:
    lines = [TITLE]
    for part in rendered.parts:
        lines.append(_whole(part))
        for change in part.changes:
            lines.append(f"{SIGNS[change.kind]} {change.object}")
            lines += [f"    {_terminal(field)}" for field in change.fields]
            lines += [f"    {_more(change)}"] if change.more else []
    return "\n".join(lines) + "\n"


def _plural(word: str) -> str:
    return "change" if word == "changes" else f"are {word.removeprefix('is ')}"


def _whole(part: Part) -> str:
    return f"{part.application}: {rendered_sentence(part)}"


def _brief(part: Part, head: str) -> str:
    """As many names as fit on two lines of a chat; added and removed ones have a sign."""
    signs = {"replace": "", "add": "+ ", "remove": "- "}
    called = [f"{signs[change.kind]}{change.object}" for change in part.changes]
    shown = [name for at, name in enumerate(called) if len(", ".join(called[: at + 1])) <= _NAMES]
    left = len(called) - len(shown)
    names = ", ".join([*shown, *([f"and {left} more"] if left else [])])
    return f"{head}{rendered_sentence(part)}" + (f": {names}" if names else "")


def part_lines(part: Part) -> Iterator[str]:
    """Of one Application, as Markdown."""
    yield ""
    yield f"{code(part.application)}: {prose(rendered_sentence(part))}"
    if not part.changes:
        return
    yield ""
    yield "| | object | field | now | then |"
    yield "|-|-|-|-|-|"
    for change in part.changes:
        yield from _rows(change)


def _rows(change: ObjectChange) -> Iterator[str]:
    head = f"| {SIGNS[change.kind]} | {code(change.object)} |"
    if not change.fields:
        yield f"{head} {_more(change) if change.more else ''} | | |"
    for at, field in enumerate(change.fields):
        before, after = pair(field.before, field.after, _WIDTH)
        yield f"{head if at == 0 else '| | |'} {code(field.pointer)} | {code(before)} | {code(after)} |"
    if change.fields and change.more:
        yield f"| | | {_more(change)} | | |"


def _more(change: ObjectChange) -> str:
    return f"… and {change.more} more fields"


def _terminal(field: FieldChange) -> str:
    before, after = pair(field.before, field.after, _WIDTH)
    if field.kind == "add":
        return f"{field.pointer}  {after}"
    return f"{field.pointer}  {before or '(none)'} → {after or '(none)'}"
