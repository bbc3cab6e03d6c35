"""`python -m liftgate.cli.reference`: writes the pages of docs/reference from the code itself."""

from __future__ import annotations

import ast
import json
from argparse import Action, ArgumentParser, _SubParsersAction
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

import liftgate
from liftgate import settings
from liftgate.cli.parser import COMMANDS, command, parser
from liftgate.domain.run_notes import NOTES, Note
from liftgate.domain.value import Value
from liftgate.integrations.products import FORGES
from liftgate.runtime.own_settings import PROGRAMS
from liftgate.settings import Settings

FOLDER = Path(liftgate.__file__).parents[1] / "docs" / "reference"
_HEAD = "<!-- Made by `python -m liftgate.cli.reference`; do not edit. -->\n\n"
_EXITS = """## Exit codes
| code | means |
|---|---|
| 0 | done |
| 1 | failed verdict: a check failed, a promotion was rolled back |
| 2 | usage: the arguments are wrong |
| 3 | refused: a rule says no, or there is no such thing |
| 4 | unavailable: no answer, try again |
| 5 | misconfigured: a setting, token or file is wrong, and the sentence says which |
| 70 | a bug of Liftgate; `LIFTGATE_DEBUG=1` shows the traceback |
| 130 | interrupted |
"""
_FOR = """Environment variables; every command reads them, and secrets are never printed. `liftgate up`, `worker` and
`gatehouse` give each program the settings that are its own, and no others: neither holds the other's signing key.
"""
_CHOICES = {("forge", "kind"): " " + "; ".join(f"`{name}`: {product.about}" for name, product in FORGES.items()) + "."}
_NOTED = """What a run must still know when it begins again, and what people see of it, is noted on the run: as inputs
of the flow run in Prefect. The first note under a key stays. Liftgate changes and deletes none.

Prefect has no users, so anyone who can write to it can write a note. A **signed** note is believed only with the
signature of the Liftgate server. A plan is compared with the one that Git gives. All other notes are not signed, so
Prefect can fake them, the verdicts of the steps too. The verdicts on a promotion's page are for people to read: no
gate, commit or outcome depends on them, and a line that a step prints is no verdict. A forged note can show false text,
have a promotion rolled back, stop a run from beginning again, or keep a message out of the chat. It brings in no
change, and opens no gate that needs proven people.
"""
_JSON = """## JSON
With `--json` every command prints one object: `ok` (whether the exit code is 0), and the keys listed with the command.
When a command fails with a sentence, the object is `{"ok": false, "error": {"kind": …, "message": …}}`. Keys are only
ever added. Progress goes to standard error.
"""


def commands() -> str:
    """The page of all commands."""
    below = _subparsers(parser(COMMANDS))
    parts = [_HEAD + "# Commands\n", _EXITS, _JSON]
    parts += [_command(name, below[name]) for name in COMMANDS]
    return "\n".join(parts)


def _subparsers(top: ArgumentParser) -> dict[str, ArgumentParser]:
    actions = (action for action in top._actions if isinstance(action, _SubParsersAction))  # noqa: SLF001  no other way
    return dict(next(actions).choices)


def _command(name: str, below: ArgumentParser) -> str:
    """Not argparse's own text, which every version of Python lays out differently."""
    actions = [action for action in below._actions if action.dest != "help"]  # noqa: SLF001  no other way
    usage = " ".join([f"liftgate {name}", *(_usage(action) for action in actions)])
    rows = [f"| `{_word(action)}` | {(action.help or '').replace('|', chr(92) + '|')} |" for action in actions]
    keys = [f"- `{key}`: {text}" for key, text in command(name).KEYS.items()]
    lines = [
        f"## liftgate {name}",
        below.description or "",
        "",
        f"```\n{usage}\n```",
        "",
        "| | |",
        "|---|---|",
        *rows,
        "",
    ]
    return "\n".join([*lines, *(["With `--json`:", *keys, ""] if keys else [])])


def _word(action: Action) -> str:
    value = action.metavar or action.dest.upper()
    if not action.option_strings:
        return str(value)
    return action.option_strings[0] if action.nargs == 0 else f"{action.option_strings[0]} {value}"


def _usage(action: Action) -> str:
    optional = not action.required or action.nargs == "?"
    return f"[{_word(action)}]" if optional else _word(action)


def setting_names() -> str:
    """The page of all settings; defaults and explanations are those of the code."""
    explained = _docstrings()
    lines = [
        _HEAD + "# Settings\n",
        _FOR,
        "| variable | default | | for |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        section = field.default
        if not isinstance(section, BaseModel):
            lines.append(_setting(name, field, explained["Settings", name]))
            continue
        for below, inner in type(section).model_fields.items():
            text = explained[type(section).__name__, below] + _CHOICES.get((name, below), "")
            lines.append(_setting(f"{name}__{below}", inner, text))
    return "\n".join(lines) + "\n"


def _docstrings() -> dict[tuple[str, str], str]:
    """By class and field: the text that stands below the field."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(Path(settings.__file__).read_text()).body:
        for field, after in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
            target = field.target if isinstance(field, ast.AnnAssign) else None
            text = after.value if isinstance(after, ast.Expr) else None
            if isinstance(node, ast.ClassDef) and isinstance(target, ast.Name) and isinstance(text, ast.Constant):
                found[node.name, target.id] = str(text.value)
    return found


def _setting(name: str, field: FieldInfo, text: str) -> str:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    shown = json.dumps(default) if isinstance(default, dict | list | bool) else str(default)
    variable = f"LIFTGATE_{name.upper()}"
    programs = ", ".join(sorted(PROGRAMS[variable]))
    return f"| `{variable}` | {f'`{shown}`' if shown else ''} | {text} | {programs} |"


def notes() -> str:
    """The page of what a run notes."""
    rows = [f"| `{note.pattern}` | {_stored(note)} | {note.writer} | {note.meaning} |" for note in NOTES]
    head = [_HEAD + "# Run notes\n", _NOTED, "| key | holds | written by | for |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _stored(note: Note[Any]) -> str:
    if not issubclass(note.kind, Value):
        return note.form
    return f"{note.form} `{note.kind.__name__}`: {', '.join(f'`{name}`' for name in note.kind.model_fields)}"


PAGES = {"commands.md": commands, "settings.md": setting_names, "run-notes.md": notes}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in PAGES.items():
        (FOLDER / name).write_text(text())


if __name__ == "__main__":
    main()
