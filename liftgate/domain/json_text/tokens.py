"""The tokens of strict JSON, and frequent wrong ones, each with its mistake."""

from __future__ import annotations

import re
from typing import Final

LARGEST_INTEGER: Final = 2**53
"""Up to here every integer is exact for readers that take numbers as IEEE doubles."""
_DIGITS: Final = 308
"""Digits of an integer that every IEEE double can hold, rounded."""
LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

# Scanning stays linear: a repeated character is possessive, and what follows a repeated group never begins where the
# group could have ended earlier. No group is possessive: after one, Python before 3.11.5 goes on from the wrong place
# (CPython's gh-106052).
TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:
      (?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*")
    | (?P<comma>,) | (?P<colon>:) | (?P<open>[{\[]) | (?P<close>[}\]])
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![^\s{}\[\],:"'/\#]))
    | (?P<literal>(?:true|false|null)(?![^\s{}\[\],:"'/\#]))
    | (?P<comment>//[^\n]*+|\#[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/)?)
    | (?P<badstring>"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*"?)
    | (?P<quoted>'[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*'?)
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
    "true": ("literal", "Use lower case: true."),
    "false": ("literal", "Use lower case: false."),
    "null": ("literal", "Use lower case: null."),
}


def number_fault(number: str) -> tuple[str, str] | None:
    """(rule, message) for a number that JSON readers read differently."""
    digits = number.lstrip("-")
    if digits.isdigit() and len(digits) <= _DIGITS:
        return None
    value = float(number)
    if value in (float("inf"), float("-inf")) or digits.isdigit():
        return "number-range", "The number is larger than an IEEE double can hold: use a string."
    if value == 0 and re.search("[1-9]", re.split("[eE]", number)[0]):
        return "number-range", "The number is too small for an IEEE double and would become 0: use a string."
    return None


def word_fault(word: str) -> tuple[str, str]:
    """(rule, message) for an unknown word; never repeats the word, which could be a secret."""
    if known := _WORDS.get(word.lstrip("+-").lower()):
        return known
    if word.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "merge-conflict", "Git's merge conflict marker is here: resolve the conflict first."
    if re.match("[+-]?[0-9.]", word):
        return (
            "number-form",
            "The number is not valid JSON (a +, a leading 0, hexadecimal, or a point without digits).",
        )
    if ord(word[0]) < 0x20 or word[0] in "\ufeff\u00a0\u2028\u2029":
        return "character", f"The character U+{ord(word[0]):04X} is not allowed between JSON values."
    return "word", "Text without quotes is not JSON: put it in double quotes."


def string_fault(token: str) -> tuple[str, str]:
    """(rule, message) for a string token that is not a valid JSON string."""
    if re.search("[\x00-\x1f]", token):
        return (
            "control-character",
            "The string contains a control character: write it as an escape such as \\n or \\t.",
        )
    if not token.endswith('"') or len(token) == 1 or re.search(r'(?<!\\)(?:\\\\)*\\"$', token):
        return "unterminated-string", "The string has no closing quote on its line."
    return "escape", "The string has an escape that JSON does not have: write \\\\ for a backslash."
