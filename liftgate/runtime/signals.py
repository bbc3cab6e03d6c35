"""Signals that end a program, also one that a script has started in the background."""

from __future__ import annotations

import signal


def end_at_interrupt() -> None:
    """Let SIGINT end this process as Ctrl-C does, and those it starts from now on.

    A shell without job control has everything that it starts with `&` ignore SIGINT, and whoever is started inherits
    that; Python then sets no handler of its own.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def is_ignored(number: signal.Signals) -> bool:
    """Whether whoever started this process wanted it to ignore the signal, as nohup does for SIGHUP."""
    return signal.getsignal(number) is signal.SIG_IGN
