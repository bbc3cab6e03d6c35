"""The edits that turn one value into another, in an order in which no edit disturbs the next."""

from __future__ import annotations

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.pointer import MISSING, escape, split
from liftgate.domain.planning.identity import Keyed, is_alike, plain


class _Changes:
    def __init__(self) -> None:
        self.in_place: list[Edit] = []
        self.appended: list[Edit] = []
        self.dropped: list[Edit] = []

    def compare(self, old: Json, new: Json, pointer: str) -> None:
        if old is new:
            return
        if is_alike(old, new):
            for at, token in enumerate(old):
                below = f"{pointer}/{at if isinstance(old, Keyed) else escape(token)}"
                self._compare_member(old, new, token, below)
            for token in [each for each in new if each not in old]:
                self._add(new, token, pointer)
        elif not same(plain(old), plain(new)):
            self.in_place.append(Edit(op="replace", pointer=pointer, value=plain(new), before=plain(old)))

    def _compare_member(self, old: Json, new: Json, token: str, below: str) -> None:
        if token in new:
            self.compare(old[token], new[token], below)
        else:
            dropped = self.dropped if isinstance(old, Keyed) else self.in_place
            dropped.append(Edit(op="remove", pointer=below, before=plain(old[token])))

    def _add(self, new: Json, token: str, pointer: str) -> None:
        if isinstance(new, Keyed):
            self.appended.append(Edit(op="add", pointer=f"{pointer}/-", value=plain(new[token])))
        else:
            self.in_place.append(Edit(op="add", pointer=f"{pointer}/{escape(token)}", value=plain(new[token])))


def changes(old: Json, new: Json) -> tuple[Edit, ...]:
    """Edits in place first, then appends, then removals from the end; the order of keys does not matter."""
    found = _Changes()
    if old is MISSING or (old == {} and new):
        return () if new is MISSING else (Edit(op="replace", pointer="", value=plain(new), before={}),)
    found.compare(old, new, "")
    return (
        *sorted(found.in_place, key=lambda edit: split(edit.pointer)),
        *sorted(found.appended, key=lambda edit: split(edit.pointer)),
        *sorted(found.dropped, key=_from_the_back, reverse=True),
    )


def _from_the_back(edit: Edit) -> tuple[tuple[int, str], ...]:
    return tuple((int(token) if token.isdecimal() else -1, token) for token in split(edit.pointer))
