"""Signals that end a program, even if a script started it in the background."""

from __future__ import annotations

import signal


def end_at_interrupt() -> None:
    """Let SIGINT end this process, and those it starts from now on, as Ctrl-C does.

    A shell without job control makes programs that it starts with `&` ignore SIGINT. Their children inherit this, and
    Python then sets no handler of its own.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def is_ignored(number: signal.Signals) -> bool:
    """Whether this process was started with the signal ignored, as nohup does for SIGHUP."""
    return signal.getsignal(number) is signal.SIG_IGN
