"""What stands in braces is replaced, in keys and values, lists and objects; what cannot be is said."""

from __future__ import annotations

import pytest
from liftgate_sandbox.argocd.sets.errors import ParamsError
from liftgate_sandbox.argocd.sets.templates import fill

PARAMS = {"path": {"path": "configs/dev", "basename": "dev", "segments": ["configs", "dev"]}, "cluster": "eu"}


def test_fields_and_list_items_are_replaced_wherever_they_stand() -> None:
    template = {"name": "app-{{.path.basename}}", "{{ .cluster }}": ["{{index .path.segments 1}}", 3, True]}
    assert fill(template, PARAMS, go=True) == {"name": "app-dev", "eu": ["dev", 3, True]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{.path.nobody}}", 'no entry for key "nobody"'),
        ("{{index .path.segments 7}}", "index out of range: 7"),
        ("{{ .cluster | upper }}", "knows fields and index only"),
    ],
)
def test_what_the_go_language_cannot_fill_is_an_error(text: str, words: str) -> None:
    with pytest.raises(ParamsError, match=words):
        fill(text, PARAMS, go=True)


def test_the_older_language_leaves_what_it_does_not_know() -> None:
    text = "{{path}} {{path.basename}} {{path[1]}} {{cluster}} {{nobody}} {{path[7]}} {{ a b }}"
    assert fill(text, PARAMS, go=False) == "configs/dev dev dev eu {{nobody}} {{path[7]}} {{ a b }}"
