"""The edits that turn one value into another, in an order in which no edit disturbs the next."""

from __future__ import annotations

from itertools import chain

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.pointer import MISSING, escape, split
from liftgate.domain.planning.identity import Keyed, is_alike, plain


class _Changes:
    def __init__(self, *, ordered: bool) -> None:
        self.ordered = ordered
        self.in_place: list[Edit] = []
        self.arrays: list[tuple[Edit, ...]] = []
        """Of each array that loses or gets elements, the deepest first."""

    def compare(self, old: Json, new: Json, pointer: str) -> None:
        if old is new:
            return
        if isinstance(old, Keyed) and isinstance(new, Keyed):
            self._compare_arrays(old, new, pointer)
        elif is_alike(old, new):
            self._compare_objects(old, new, pointer)
        elif not same(plain(old), plain(new)):
            self._replace(old, new, pointer)

    def _replace(self, old: Json, new: Json, pointer: str) -> None:
        self.in_place.append(Edit(op="replace", pointer=pointer, value=plain(new), before=plain(old)))

    def _compare_objects(self, old: dict[str, Json], new: dict[str, Json], pointer: str) -> None:
        for token, value in old.items():
            below = f"{pointer}/{escape(token)}"
            if token in new:
                self.compare(value, new[token], below)
            else:
                self.in_place.append(Edit(op="remove", pointer=below, before=plain(value)))
        for token in [each for each in new if each not in old]:
            self.in_place.append(Edit(op="add", pointer=f"{pointer}/{escape(token)}", value=plain(new[token])))

    def _compare_arrays(self, old: Keyed, new: Keyed, pointer: str) -> None:
        if not self.ordered:
            tokens = (*(token for token in old if token in new), *(token for token in new if token not in old))
            new = Keyed((token, new[token]) for token in tokens)
        if [token for token in old if token in new] != [token for token in new if token in old]:
            self._replace(old, new, pointer)
            return
        for at, token in enumerate(old):
            if token in new:
                self.compare(old[token], new[token], f"{pointer}/{at}")
        if edits := (*_appended(old, new, pointer), *_dropped(old, new, pointer), *_inserted(old, new, pointer)):
            self.arrays.append(edits)


def _appended(old: Keyed, new: Keyed, pointer: str) -> list[Edit]:
    """First, so that an array is never empty in between."""
    tokens = list(new)[_end_of_old(old, new) :]
    return [Edit(op="add", pointer=f"{pointer}/-", value=plain(new[token])) for token in tokens]


def _dropped(old: Keyed, new: Keyed, pointer: str) -> list[Edit]:
    """From the back."""
    gone = [(at, token) for at, token in enumerate(old) if token not in new]
    return [Edit(op="remove", pointer=f"{pointer}/{at}", before=plain(old[token])) for at, token in reversed(gone)]


def _inserted(old: Keyed, new: Keyed, pointer: str) -> list[Edit]:
    """Between others, each at its final place."""
    tokens = list(enumerate(new))[: _end_of_old(old, new)]
    return [
        Edit(op="add", pointer=f"{pointer}/{at}", value=plain(new[token])) for at, token in tokens if token not in old
    ]


def _end_of_old(old: Keyed, new: Keyed) -> int:
    """How many elements there are up to the last one that was there before; all new ones if there is none."""
    return max((at + 1 for at, token in enumerate(new) if token in old), default=0)


def changes(old: Json, new: Json, *, ordered: bool = True) -> tuple[Edit, ...]:
    """Edits in place first, then those that move elements; the order of keys does not matter, and that of elements with
    an identity only if they are `ordered`."""
    found = _Changes(ordered=ordered)
    if old is MISSING or (old == {} and new):
        return () if new is MISSING else (Edit(op="replace", pointer="", value=plain(new), before={}),)
    found.compare(old, new, "")
    in_place = sorted(found.in_place, key=lambda edit: split(edit.pointer))
    return (*in_place, *chain.from_iterable(found.arrays))
