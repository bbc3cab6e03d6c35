"""Why a set makes no applications."""

from __future__ import annotations


class ParamsError(Exception):
    """A generator or template gives nothing; `str()` is the text of the set's conditions."""
