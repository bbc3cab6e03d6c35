"""`liftgate`: turns arguments into an answer and an exit code, and never prints a traceback unasked."""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

from liftgate import __version__
from liftgate.cli.answer import DONE, Answer, Usage, on_terminal
from liftgate.cli.parser import command, parse, parser
from liftgate.domain.common.plain import visible
from liftgate.errors import LiftgateError

BUG, INTERRUPTED = 70, 130
DEBUG: Final = "LIFTGATE_DEBUG"
_NO_PLUGINS: Final = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""pydantic searches all installed packages for plugins, which costs time and would let them read every value."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; see EXITS. 70 is a bug in Liftgate, 130 an interruption."""
    os.environ.setdefault(*_NO_PLUGINS)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _show(_answer(words, is_program=arguments is None), as_json="--json" in words)
    except BrokenPipeError:  # the reader, for example `head`, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _answer(words: list[str], *, is_program: bool) -> Answer:
    try:
        given = _imported(words) if is_program else parse(words)
        if given.version:
            return Answer(f"liftgate {__version__}", {"version": __version__})
        if not given.command:
            return Answer(parser(()).format_help().rstrip(), {}, Usage.exit_code)
        return command(given.command).run(given)
    except (LiftgateError, Usage) as error:
        return _problem(type(error).__name__.lower(), str(error), error.exit_code)
    except KeyboardInterrupt:
        return _problem("interrupted", "interrupted", INTERRUPTED)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  one line for people; the traceback on request
        return _bug(error)


def _imported(words: list[str]) -> Any:
    """The arguments; without collecting garbage, as almost all that imports make stays to the end."""
    gc.disable()
    try:
        return parse(words)
    finally:
        gc.freeze()
        gc.enable()


def _problem(kind: str, message: str, code: int) -> Answer:
    from liftgate.domain.secrets.masking import masked_text  # slow, and needed only for bad news

    message = masked_text(message)
    print(on_terminal(f"liftgate: {message}"), file=sys.stderr)
    return Answer("", {"error": {"kind": kind, "message": message}}, code)


def _bug(error: Exception) -> Answer:
    """Without the exception's text, which could contain a secret."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119  pathlib is slow to import
    return _problem("bug", f"a bug in Liftgate ({type(error).__name__} at {place}); {DEBUG}=1 shows the traceback", BUG)


def _show(answer: Answer, *, as_json: bool) -> int:
    if as_json:
        print(visible(json.dumps(_plain(answer), indent=2, ensure_ascii=False)))
    elif answer.text:
        print(on_terminal(answer.text))
    sys.stdout.flush()
    return answer.code


def _plain(answer: Answer) -> Any:
    return {"ok": answer.code == DONE, **answer.data}


if __name__ == "__main__":
    sys.exit(main())
