"""The few emoji names that tools use, drawn as small coloured signs: not every machine has an emoji font."""

from __future__ import annotations

from markupsafe import Markup, escape

GREEN = "green"
RED = "red"
AMBER = "amber"
BLUE = "blue"
GREY = "grey"

SIGNS = {
    "arrow_down": ("↓", BLUE),
    "arrow_right": ("→", BLUE),
    "arrow_up": ("↑", BLUE),
    "arrows_counterclockwise": ("↻", BLUE),
    "bell": ("!", AMBER),
    "bust_in_silhouette": ("☻", GREY),
    "clock3": ("◔", GREY),
    "double_vertical_bar": ("‖", BLUE),
    "elevator": ("⇅", BLUE),
    "exclamation": ("!", RED),
    "eyes": ("◉", GREY),
    "fire": ("▲", RED),
    "heavy_check_mark": ("✔", GREEN),
    "hourglass": ("◔", AMBER),
    "hourglass_flowing_sand": ("◔", AMBER),
    "information_source": ("i", BLUE),
    "large_blue_circle": ("", f"{BLUE} round"),
    "large_green_circle": ("", f"{GREEN} round"),
    "large_yellow_circle": ("", f"{AMBER} round"),
    "leftwards_arrow_with_hook": ("↩", BLUE),
    "link": ("∞", GREY),
    "lock": ("▣", AMBER),
    "memo": ("✎", AMBER),
    "no_entry": ("-", f"{RED} round"),
    "octagonal_sign": ("■", RED),
    "package": ("▦", AMBER),
    "question": ("?", RED),
    "recycle": ("♻", GREEN),
    "red_circle": ("", f"{RED} round"),
    "rewind": ("«", BLUE),
    "rocket": ("▲", BLUE),
    "rotating_light": ("!", f"{RED} round"),
    "snowflake": ("❄", BLUE),
    "tada": ("★", AMBER),
    "vertical_traffic_light": ("⋮", GREY),
    "warning": ("⚠", AMBER),
    "white_check_mark": ("✔", GREEN),
    "white_circle": ("", f"{GREY} round"),
    "x": ("✘", RED),
}


def drawn(name: str) -> Markup:
    """The sign for a name; an unknown name stays as it was written."""
    if name not in SIGNS:
        return escape(f":{name}:")
    glyph, look = SIGNS[name]
    return Markup('<span class="emoji {}" title=":{}:">{}</span>').format(look, name, glyph)
