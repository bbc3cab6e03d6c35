"""What looks like a secret in plain text: by its key's name, its maker's prefix, its place in a URL."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from liftgate.domain.suspicion_forms import made_by
from liftgate.domain.value import Json

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALWAYS: Final = frozenset(
    ("password", "passwords", "passwd", "passphrase", "pwd", "pass", "passcode"),
)
_MOSTLY: Final = frozenset(
    (
        *("secret", "secrets", "token", "tokens", "apikey", "credential", "credentials", "creds"),
        *("auth", "authorization", "bearer", "pin", "otp", "salt", "pepper", "cookie", "jwt"),
    )
)
_KEYS: Final = frozenset(
    (
        *("api", "access", "private", "secret", "signing", "encryption", "master", "account", "auth"),
        *("client", "shared", "storage", "session", "license", "hmac", "aes", "admin", "webhook"),
        *("deploy", "service", "subscription", "integration", "write", "read", "ingest", "sas", "app"),
    )
)
_PLACEHOLDER = re.compile(
    r"\s*|[*x•.\-_]+|<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Z_]+|\{\{.*\}\}|%[A-Z_]+%|__[A-Z_]+__|redacted|none|null|true|false"
    r"|required|optional|enabled|disabled|auto|default|n/?a|todo|tbd",
    re.IGNORECASE | re.DOTALL,
)
_DIGEST = re.compile(r"(?:sha(?:1|224|256|384|512)|md5)[:=\-][A-Za-z0-9+/=_\-]+", re.IGNORECASE)
_RAW_KEY = re.compile(r"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==")
"""Base64 of 32 or 64 bytes: a key, unless its name says that it is public or a digest."""
_TOKEN = re.compile(
    r"(?!pk|pub)[A-Za-z][A-Za-z0-9]{1,11}(?:[_.\-][a-z0-9]{1,10}){0,2}[_.\-](?P<random>[A-Za-z0-9]{30,200})"
)
"""A prefix and many random characters: what makers of tokens write since scanners look for prefixes."""
_SHORT: Final = 32
_OPEN: Final = frozenset(
    (
        *("public", "pub", "digest", "hash", "checksum", "sum", "sha", "md5", "fingerprint", "thumbprint", "pin"),
        *("integrity", "signature", "nonce", "etag", "kid"),
    )
)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{7,12}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+][0-9A-Za-z.+-]+)?")
_NAME = re.compile(r"[A-Z]?[a-z]+[0-9]{0,2}(?:[-_./][a-z]+[0-9]{0,2})*(?::[a-z]+)?|/[\w./-]+|[A-Z]+(?:_[A-Z]+)*")
_HOSTNAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.)+[a-z]{2,}\.?(?::\d+)?", re.IGNORECASE)
_TEMPLATE = re.compile(r".*\{[a-z_.]+\}.*", re.IGNORECASE)
_PLAIN_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?![^/\s]*@)[^\s?#]*", re.IGNORECASE)

# Every repetition before something else is bounded: no text makes a search quadratic.
_USERINFO = re.compile(
    r"[a-z0-9+.\-]://[^\s/:@]{0,200}:(?P<password>[^\s/@\"']{1,500})@|^[^\s:@/]{1,200}:(?P<plain>[^\s@]{1,500})@\w+\(",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    r"(?:password|passwd|pwd|accountkey|sharedaccesskey|secret|token|api_?key|client_secret|sig)=(?P<password>[^\s;&\"']{6,})",
    re.IGNORECASE,
)


def suspicion(key: str, value: Json) -> str | None:
    """Why the value looks like a secret in plain text, without repeating it; None if it does not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "a number under the name of a password" if _words(key)[-1:] and _words(key)[-1] in _ALWAYS else None
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value):
        return None
    made = None if _DIGEST.fullmatch(value) else made_by(value)
    return made or _in_text(value) or _by_name(key, value) or _by_itself(key, value)


def is_harmless(text: str) -> bool:
    """Digests, versions, names, hosts and URLs without user information: no secret whatever their entropy."""
    forms = (_DIGEST, _VERSION, _NAME, _HOSTNAME, _TEMPLATE, _PLAIN_URL)
    return any(form.fullmatch(text) for form in forms)


def is_commit(text: str) -> bool:
    """Bare hexadecimal of the length of a commit or digest; harmless unless its key names a credential."""
    return _COMMIT.fullmatch(text) is not None


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())


def _in_text(text: str) -> str | None:
    for form, reason in (
        (_USERINFO, "a URL with a password in it"),
        (_IN_TEXT, "a text with a credential in it"),
    ):
        found = form.search(text)
        if found and not _PLACEHOLDER.fullmatch(found[found.lastgroup or 0]):
            return reason
    return None


def _by_name(key: str, value: str) -> str | None:
    words = _words(key)
    if not words:
        return None
    if words[-1] in _ALWAYS:
        return "a text under the name of a password"
    pair = len(words) > 1 and words[-1] in ("key", "keys") and words[-2] in _KEYS
    if (pair or words[-1] in _MOSTLY or "".join(words) in _MOSTLY) and not is_harmless(value) and _is_dense(value):
        return "a text that looks random under the name of a credential"
    return None


def _by_itself(key: str, value: str) -> str | None:
    """What nobody writes by hand, unless its name says that everybody may see it."""
    if len(value) <= _SHORT or _OPEN.intersection(_words(key)):
        return None
    if _RAW_KEY.fullmatch(value) and entropy(value) >= 4:
        return "a key of 32 or 64 random bytes"
    token = _TOKEN.fullmatch(value)
    return "a token: a prefix and random characters" if token and is_random(token["random"]) else None


def is_random(text: str) -> bool:
    """Upper and lower case with digits all over it."""
    mixed = any(map(str.islower, text)) and any(map(str.isupper, text))
    return mixed and len(re.findall(r"[0-9]+", text)) >= 3 and entropy(text) >= 3.5


def _is_dense(text: str) -> bool:
    return len(text) >= 6 and " " not in text.strip() and entropy(text) >= 2.5


def _words(key: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(key)]
