"""Block Kit's published limits, checked the way Slack does: every violation, with a JSON pointer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from liftgate_sandbox.slack.model import Json

Problems: TypeAlias = Iterator[str]
TEXT_TYPES = ("plain_text", "mrkdwn")
STYLES = (None, "primary", "danger")


def problems(blocks: Any, pointer: str = "/blocks", most: int = 50) -> list[str]:
    """What is wrong with these blocks; empty when Slack would take them."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [f"must be an array of blocks [json-pointer:{pointer}]"]
    found = list(_count(blocks, most, pointer))
    found += _repeated([block.get("block_id") for block in blocks], "block_id", pointer)
    for place, block in enumerate(blocks):
        found += _block(block, f"{pointer}/{place}")
    return found


def _block(block: Json, at: str) -> Problems:
    yield from _words(block.get("block_id"), 255, f"{at}/block_id")
    check = BLOCKS.get(str(block.get("type")))
    if check is None:
        yield f"unsupported type: {block.get('type')} [json-pointer:{at}/type]"
    else:
        yield from check(block, at)


def _section(block: Json, at: str) -> Problems:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from text(block["text"], 3000, f"{at}/text")
    yield from _count(fields or [], 10, f"{at}/fields")
    for place, field in enumerate(fields or []):
        yield from text(field, 2000, f"{at}/fields/{place}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _header(block: Json, at: str) -> Problems:
    yield from text(block.get("text"), 150, f"{at}/text", plain=True)


def _context(block: Json, at: str) -> Problems:
    elements = block.get("elements") or []
    yield from _count(elements, 10, f"{at}/elements", least=1)
    for place, element in enumerate(elements):
        if element.get("type") == "image":
            yield from _image(element, f"{at}/elements/{place}")
        else:
            yield from text(element, 3000, f"{at}/elements/{place}")


def _actions(block: Json, at: str) -> Problems:
    elements = block.get("elements") or []
    yield from _count(elements, 25, f"{at}/elements", least=1)
    yield from _repeated([each.get("action_id") for each in elements], "action_id", f"{at}/elements")
    for place, element in enumerate(elements):
        yield from _element(element, f"{at}/elements/{place}")


def _input(block: Json, at: str) -> Problems:
    yield from text(block.get("label"), 2000, f"{at}/label", plain=True)
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") not in INPUTS:
        yield f"unsupported element [json-pointer:{at}/element]"
    else:
        yield from _words(element.get("action_id"), 255, f"{at}/element/action_id")


def _image(block: Json, at: str) -> Problems:
    for name, most in (("image_url", 3000), ("alt_text", 2000)):
        if not block.get(name):
            yield f"missing required field: {name} [json-pointer:{at}]"
        yield from _words(block.get(name), most, f"{at}/{name}")


def _nothing(_: Json, __: str) -> Problems:
    yield from ()


def _element(element: Any, at: str) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "image":
        yield from _image(element, at)
    elif kind == "button":
        yield from _button(element, at)
    elif kind not in ELEMENTS:
        yield f"unsupported element type: {kind} [json-pointer:{at}/type]"


def _button(button: Json, at: str) -> Problems:
    yield from text(button.get("text"), 75, f"{at}/text", plain=True)
    for name, most in (("action_id", 255), ("value", 2000), ("url", 3000)):
        yield from _words(button.get(name), most, f"{at}/{name}")
    if button.get("style") not in STYLES:
        yield f"must be one of primary, danger [json-pointer:{at}/style]"
    if "confirm" in button:
        yield from _confirm(button["confirm"], f"{at}/confirm")


def _confirm(dialog: Json, at: str) -> Problems:
    for name, most in (("title", 100), ("confirm", 30), ("deny", 30)):
        yield from text(dialog.get(name), most, f"{at}/{name}", plain=True)
    yield from text(dialog.get("text"), 300, f"{at}/text")


def text(value: Any, most: int, at: str, *, plain: bool = False) -> Problems:
    """A text object of an allowed type, not empty, not too long."""
    if not isinstance(value, dict):
        yield f"missing required field [json-pointer:{at}]"
        return
    if value.get("type") not in (TEXT_TYPES[:1] if plain else TEXT_TYPES):
        yield f"unsupported type: {value.get('type')} [json-pointer:{at}/type]"
    if not value.get("text"):
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    yield from _words(value.get("text"), most, f"{at}/text")


def _words(value: Any, most: int, at: str) -> Problems:
    if value is not None and not isinstance(value, str):
        yield f"must be a string [json-pointer:{at}]"
    elif value is not None and len(value) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}]"


def _count(items: list[Any], most: int, at: str, least: int = 0) -> Problems:
    if len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
    if len(items) < least:
        yield f"no fewer than {least} items allowed [json-pointer:{at}]"


def _repeated(names: list[Any], what: str, at: str) -> Problems:
    twice = [name for name, count in Counter(name for name in names if name).items() if count > 1]
    yield from (f"`{what}` {name} already exists [json-pointer:{at}]" for name in twice)


BLOCKS: dict[str, Callable[[Json, str], Problems]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "divider": _nothing,
    "rich_text": _nothing,
}
INPUTS = ("plain_text_input", "static_select", "checkboxes", "radio_buttons", "datepicker", "users_select")
ELEMENTS = (*INPUTS[1:], "overflow", "multi_static_select", "timepicker")


def view_problems(view: Json) -> list[str]:
    """What is wrong with a modal."""
    found = problems(view.get("blocks"), "/view/blocks", most=100)
    if view.get("type") != "modal":
        found.append(f"unsupported type: {view.get('type')} [json-pointer:/view/type]")
    for name in ("title", "submit", "close"):
        if name in view or name == "title":
            found += text(view.get(name), 24, f"/view/{name}", plain=True)
    for name, most in (("private_metadata", 3000), ("callback_id", 255)):
        found += _words(view.get(name), most, f"/view/{name}")
    return found
