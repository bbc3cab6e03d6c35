"""Detects likely secrets in plain text: by the key's name, a vendor's prefix, or the place in a URL."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.secrets.base58 import is_address, is_wallet_key
from liftgate.domain.secrets.secret_forms import made_by

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALWAYS: Final = frozenset(
    (
        *("password", "passwords", "passwd", "passphrase", "pwd", "pass", "passcode", "passwort", "kennwort"),
        *("contrasena", "senha", "wachtwoord", "losenord", "salasana", "adgangskode", "haslo"),
    )
)
_PHRASES: Final = ("motdepasse", "motsdepasse", "palavrapasse")
_RECOVERY: Final = frozenset(("mnemonic", "mnemonics", "seed", "seedphrase", "phrase"))
_MOSTLY: Final = frozenset(
    (
        *("secret", "secrets", "token", "tokens", "apikey", "credential", "credentials", "creds"),
        *("auth", "authorization", "bearer", "pin", "otp", "salt", "pepper", "cookie", "jwt"),
    )
)
_PLURAL: Final = frozenset(("secrets", "tokens", "credentials", "creds", "keys"))
"""Names of lists, which often hold names of secrets and no secrets."""
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
"""A prefix and many random characters, the usual format of tokens since scanners look for prefixes."""
_SHORT: Final = 32
_OPEN: Final = frozenset(
    (
        *("public", "pub", "digest", "hash", "checksum", "sum", "sha", "md5", "fingerprint", "thumbprint", "pin"),
        *("integrity", "signature", "nonce", "etag", "kid"),
    )
)
_NO_CREDENTIAL: Final = frozenset(
    (
        *("cache", "primary", "partition", "sort", "foreign", "object", "row", "idempotency", "group", "map", "hash"),
        *("translation", "message", "label", "metric", "routing", "dedup", "column", "index", "kms", "ssh", "host"),
    )
)
"""Words before `key` that do not mean a credential; `_OPEN` has more."""
_VENDOR_KEY = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
_RECOVERY_PHRASE = re.compile(r"[a-z]{3,8}(?: [a-z]{3,8}){11,23}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{7,12}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+][0-9A-Za-z.+-]+)?")
_NAME = re.compile(
    r"[A-Z]?[a-z]+[0-9]{0,2}(?:[-_./][a-z]+[0-9]{0,2})*(?::[a-z]+)?|/[\w./-]+"
    r"|(?:[Ee]nv:)?[A-Z]+[0-9]{0,2}(?:_(?:[A-Z]+[0-9]{0,2}|[0-9]{1,2}))*"
)
_IDENTIFIER = re.compile(r"(?:(?:[A-Z]?[a-z]++|[A-Z]{2,}+)[0-9]{0,4}+[-_./:]?+)+")
"""Words with separators, or in camel case: what a list of names holds."""
_ARN = re.compile(r"arn:[a-z-]{3,20}:[a-z0-9-]{1,40}:[a-z0-9-]{0,30}:[0-9]{0,12}:[\w+=,.@/:*-]{1,500}")
_STORE_PATH = re.compile(
    r"(?:aws-)?(?:ssm|secretsmanager|parameterstore|keyvault|gcpsm|sm):/{1,3}[\w./-]+", re.IGNORECASE
)
_KEY_BINDING = re.compile(
    r"(?:(?:ctrl|control|cmd|command|alt|option|opt|shift|meta|super|win)[+-]){1,4}\w{1,10}"
    r"(?: (?:(?:ctrl|control|cmd|command|alt|option|opt|shift|meta|super|win)[+-]){0,4}\w{1,10}){0,2}",
    re.IGNORECASE,
)
_DESIGN = re.compile(
    r"#[0-9a-f]{3,8}|-?[0-9.]{1,8}(?:px|r?em|%|v[hw]|m?s|deg)|--[a-z][a-z0-9-]{1,60}"
    r"|[a-z]+(?:[._-](?:[a-z]+[0-9]{0,3}|[0-9]{1,4})){1,8}",
    re.IGNORECASE,
)
"""A colour, a size, a variable of CSS, or the dotted name of a design token."""
_CONTRACT = re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE)
_HOSTNAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.)+[a-z]{2,}\.?(?::\d+)?", re.IGNORECASE)
_TEMPLATE = re.compile(r".*\{[a-z_.]+\}.*", re.IGNORECASE)
_PLAIN_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?![^/\s]*@)[^\s?#]*", re.IGNORECASE)

# Every repetition before another part is bounded: no text makes a search quadratic.
_USERINFO = re.compile(
    r"[a-z0-9+.\-]://[^\s/:@]{0,200}:(?P<password>[^\s/@\"']{1,500})@|^[^\s:@/]{1,200}:(?P<plain>[^\s@]{1,500})@\w+\(",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    r"(?:password|passwd|pwd|accountkey|sharedaccesskey|secret|token|api_?key|client_secret|sig)=(?P<password>[^\s;&\"']{6,})",
    re.IGNORECASE,
)


def secret_heuristics(key: str, value: Json) -> str | None:
    """Why the value looks like a secret in plain text, without repeating it; None if it does not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "a number under the name of a password" if _words(key)[-1:] and _words(key)[-1] in _ALWAYS else None
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value):
        return None
    made = None if _DIGEST.fullmatch(value) else made_by(value)
    if made is None and _KEY_BINDING.fullmatch(value):
        return None
    return made or _in_text(value) or _by_name(key, value) or _by_itself(key, value)


_HARMLESS: Final = (
    *(_DIGEST, _VERSION, _NAME, _HOSTNAME, _TEMPLATE, _PLAIN_URL),
    *(_ARN, _STORE_PATH, _DESIGN, _CONTRACT),
)


def is_harmless(text: str) -> bool:
    """Digests, versions, names, hosts, addresses of contracts, design tokens and URLs without user information: never a
    secret, at any entropy."""
    return any(form.fullmatch(text) for form in _HARMLESS) or is_address(text)


def is_identifier(text: str) -> bool:
    """Whether the text consists of words, as a name in a list of names does."""
    return is_harmless(text) or _IDENTIFIER.fullmatch(text) is not None


def is_commit(text: str) -> bool:
    """Hexadecimal with the length of a commit or digest; harmless unless its key names a credential."""
    return _COMMIT.fullmatch(text) is not None


def entropy(text: str) -> float:
    """Shannon entropy, in bits per character."""
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
    if words[-1] in _ALWAYS or "".join(words).endswith(_PHRASES):
        return "a text under the name of a password"
    if words[-1] in _RECOVERY and _RECOVERY_PHRASE.fullmatch(value):
        return "the words that recover a wallet"
    if _is_vendor_key(words) and _VENDOR_KEY.fullmatch(value):
        return "a key that looks random under the name of a vendor"
    pair = len(words) > 1 and words[-1] in ("key", "keys") and words[-2] in _KEYS
    harmless = is_identifier if words[-1] in _PLURAL else is_harmless
    if (pair or words[-1] in _MOSTLY or "".join(words) in _MOSTLY) and not harmless(value) and _is_dense(value):
        return "a text that looks random under the name of a credential"
    return None


def _is_vendor_key(words: list[str]) -> bool:
    return len(words) > 1 and words[-1] == "key" and not (_OPEN | _NO_CREDENTIAL).intersection(words)


def _by_itself(key: str, value: str) -> str | None:
    """Text that people do not type, unless its name says that it is public."""
    if is_wallet_key(value):
        return "the private key of a wallet"
    if len(value) <= _SHORT or _OPEN.intersection(_words(key)):
        return None
    if _RAW_KEY.fullmatch(value) and entropy(value) >= 4:
        return "a key of 32 or 64 random bytes"
    token = _TOKEN.fullmatch(value)
    return "a token: a prefix and random characters" if token and is_random(token["random"]) else None


def is_random(text: str) -> bool:
    """Mixed upper and lower case with many digits."""
    mixed = any(map(str.islower, text)) and any(map(str.isupper, text))
    return mixed and len(re.findall(r"[0-9]+", text)) >= 3 and entropy(text) >= 3.5


def _is_dense(text: str) -> bool:
    return len(text) >= 6 and " " not in text.strip() and entropy(text) >= 2.5


def _words(key: str) -> list[str]:
    """In lower case and without accents."""
    plain = (
        key if key.isascii() else "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    )
    return [word.lower() for word in _WORD.findall(plain)]
