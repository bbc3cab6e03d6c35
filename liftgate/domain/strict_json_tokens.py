"""The words of strict JSON, and the words people write instead, each with what is wrong with it."""

from __future__ import annotations

import re
from typing import Final

LARGEST_INTEGER: Final = 2**53
LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

# Possessive quantifiers throughout: no input can make this backtrack, so scanning stays linear.
TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:
      (?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")
    | (?P<comma>,) | (?P<colon>:) | (?P<open>[{\[]) | (?P<close>[}\]])
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![^\s{}\[\],:"'/\#]))
    | (?P<literal>(?:true|false|null)(?![^\s{}\[\],:"'/\#]))
    | (?P<comment>//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?+)
    | (?P<badstring>"(?:[^"\\\n]|\\[^\n])*+"?+)
    | (?P<quoted>'(?:[^'\\\n]|\\[^\n])*+'?+)
    | (?P<word>[^\s\ufeff{}\[\],:"'/\#]++|.)
    )""",
    re.VERBOSE | re.DOTALL,
)

_NOT_FINITE: Final = "Neither NaN nor Infinity is JSON: use null, a number or a string."
_WORDS: Final = {
    "nan": ("not-finite", _NOT_FINITE),
    "infinity": ("not-finite", _NOT_FINITE),
    "inf": ("not-finite", _NOT_FINITE),
    "undefined": ("literal", "undefined is not JSON: use null."),
    "none": ("literal", "None is Python: write null."),
    "true": ("literal", "Literals are written in small letters: true."),
    "false": ("literal", "Literals are written in small letters: false."),
    "null": ("literal", "Literals are written in small letters: null."),
}


def number_fault(number: str) -> tuple[str, str] | None:
    """(rule, message) for a number that not every JSON reader reads as the same number."""
    if number.lstrip("-").isdigit():
        if len(number) > 18 or abs(int(number)) > LARGEST_INTEGER:
            return "integer-range", "The integer is beyond 2^53, where readers start to round: use a string."
        return None
    value = float(number)
    if value in (float("inf"), float("-inf")):
        return "number-range", "The number is larger than an IEEE double can hold: use a string."
    if value == 0 and re.search("[1-9]", re.split("[eE]", number)[0]):
        return "number-range", "The number is too small for an IEEE double and would become 0: use a string."
    return None


def word_fault(word: str) -> tuple[str, str]:
    """(rule, message) for something that is no JSON word; never repeats it, as it could be a secret."""
    if known := _WORDS.get(word.lstrip("+-").lower()):
        return known
    if word.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "merge-conflict", "A merge conflict of Git stands here: resolve it first."
    if re.match("[+-]?[0-9.]", word):
        return (
            "number-form",
            "The number is not written as JSON wants it (no +, leading 0, hexadecimal, bare point).",
        )
    if ord(word[0]) < 0x20 or word[0] in "\ufeff\u00a0\u2028\u2029":
        return "character", f"The character U+{ord(word[0]):04X} may not stand between JSON values."
    return "word", "A text without quotes is not JSON: put it between double quotes."


def string_fault(token: str) -> tuple[str, str]:
    """(rule, message) for a string token that is not a well-formed JSON string."""
    if re.search("[\x00-\x1f]", token):
        return (
            "control-character",
            "The string contains a control character: write it as an escape such as \\n or \\t.",
        )
    if not token.endswith('"') or len(token) == 1 or re.search(r'(?<!\\)(?:\\\\)*\\"$', token):
        return "unterminated-string", "The string has no closing quote on its line."
    return "escape", "The string has an escape JSON does not know: write \\\\ for a backslash."
