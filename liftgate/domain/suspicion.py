"""What looks like a secret in plain text: by the name of its key, by its maker's prefix, by its place in a URL."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from liftgate.domain.value import Json

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALWAYS: Final = frozenset({"password", "passwd", "passphrase", "pwd", "pass", "passcode"})
_MOSTLY: Final = frozenset(
    "secret secrets token apikey credential credentials creds auth authorization bearer dsn pin otp salt pepper cookie jwt".split()
)
_KEYS: Final = frozenset(
    "api access private secret signing encryption master account auth client shared storage session license hmac aes admin webhook "
    "deploy service subscription integration write read ingest sas app".split()
)
_PLACEHOLDER = re.compile(
    r"\s*|[*x•.\-_]+|<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Z_]+|\{\{.*\}\}|%[A-Z_]+%|__[A-Z_]+__|redacted|none|null|true|false"
    r"|required|optional|enabled|disabled|auto|default|n/?a|todo|tbd",
    re.IGNORECASE | re.DOTALL,
)
_DIGEST = re.compile(r"(?:sha(?:1|224|256|384|512)|md5)[:\-][A-Za-z0-9+/=]+|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{7,12}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+][0-9A-Za-z.+-]+)?")
_NAME = re.compile(r"[a-z]+(?:[-_./][a-z]+[0-9]{0,2})*(?::[a-z]+)?|/[\w./-]+|[A-Z]+(?:_[A-Z]+)*")
_HOSTNAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\.?(?::\d+)?", re.IGNORECASE)
_PLAIN_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?![^/\s]*@)[^\s?#]*", re.IGNORECASE)

_USERINFO = re.compile(r"[a-z][a-z0-9+.\-]*://[^\s/:@]*:(?P<password>[^\s/@]+)@", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"(?:password|passwd|pwd|accountkey|sharedaccesskey|secret|token|api_?key|client_secret|sig)=(?P<password>[^\s;&\"']{6,})",
    re.IGNORECASE,
)

_MADE_BY: Final = {
    "private key": r"-----BEGIN (?:[A-Z0-9 ]+ )?PRIVATE KEY(?: BLOCK)?-----",
    "age key": r"AGE-SECRET-KEY-1[0-9A-Z]{20,}",
    "AWS access key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    "GitHub token": r"\b(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{22,})",
    "GitLab token": r"\bgl(?:pat|dt|rt|ptt|soat|cbt|ft|imt|agent)-[0-9A-Za-z_\-]{20,}",
    "Slack token": r"\bxox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z\-]{10,}|\bxapp-[0-9]-[0-9A-Za-z\-]{10,}",
    "webhook URL": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,}"
    r"|https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w\-]{20,}"
    r"|https://[\w.\-]+\.webhook\.office\.com/webhookb2/\S{20,}",
    "Stripe key": r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{10,}|\bwhsec_[0-9A-Za-z+/=]{16,}",
    "AI service key": r"\bsk-(?:ant-|proj-|or-v1-|svcacct-)?[0-9A-Za-z_\-]{20,}|\bhf_[0-9A-Za-z]{20,}|\bgsk_[0-9A-Za-z]{20,}|\br8_[0-9A-Za-z]{30,}",
    "Google key": r"\bAIza[0-9A-Za-z_\-]{30,}|\bya29\.[0-9A-Za-z_\-]{20,}|\bGOCSPX-[0-9A-Za-z_\-]{20,}",
    "mail service key": r"\bSG\.[\w\-]{16,}\.[\w\-]{16,}|\bkey-[0-9a-f]{32}\b|\b[0-9a-f]{32}-us[0-9]{1,2}\b|\bxkeysib-[0-9a-f]{32,}",
    "package registry token": r"\bnpm_[0-9A-Za-z]{30,}|\bpypi-[0-9A-Za-z_\-]{20,}|\brubygems_[0-9a-f]{30,}|\bdckr_[op]at_[0-9A-Za-z_\-]{20,}|\bcio[0-9A-Za-z]{32}\b",
    "cloud token": r"\bdo[opr]_v1_[0-9a-f]{40,}|\bdapi[0-9a-f]{32}\b|\b[0-9A-Za-z]{14}\.atlasv1\.[\w\-=]{40,}|\bLTAI[0-9A-Za-z]{12,}"
    r"|\bfo1_[\w\-]{30,}|\bFlyV1 fm[0-9]_\S{20,}|\bpul-[0-9a-f]{40}\b|\bHRKU-[\w\-]{20,}",
    "Vault token": r"\bhv[sbr]\.[\w\-]{20,}|\bs\.[0-9A-Za-z]{24}\b",
    "shop token": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}|\bsq0(?:atp|csp|idp)-[\w\-]{20,}|\bEAAA[\w\-]{50,}",
    "monitoring key": r"\bNRAK-[0-9A-Z]{20,}|\bNRII-[\w\-]{20,}|\bglsa_[0-9A-Za-z]{20,}|\bglc_[0-9A-Za-z+/=]{20,}|\bsntry[su]_[\w+/=\-]{20,}",
    "work tool token": r"\bATATT3[\w\-=]{20,}|\blin_api_[0-9A-Za-z]{20,}|\bPMAK-[0-9a-f]{20,}-[0-9a-f]{20,}|\b(?:ntn|secret)_[0-9A-Za-z]{40,}|\bpat[0-9A-Za-z]{14}\.[0-9a-f]{64}\b",
    "telephony key": r"\b(?:SK|AC)[0-9a-f]{32}\b|\b[0-9]{8,10}:AA[\w\-]{32,}",
    "JSON Web Token": r"\beyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]*",
    "authorization header": r"\b(?:Basic|Bearer) +[A-Za-z0-9+/=_.\-]{12,}",
    "password hash": r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$(?:5|6|y|argon2id?)\$\S{20,}",
}
_MAKERS = re.compile("|".join(f"(?P<m{at}>{form})" for at, form in enumerate(_MADE_BY.values())))
_MAKER_NAMES: Final = tuple(_MADE_BY)


def suspicion(key: str, value: Json) -> str | None:
    """Why the value looks like a secret in plain text, in a few words that do not repeat it; None if it does not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "a number under the name of a password" if _words(key)[-1:] and _words(key)[-1] in _ALWAYS else None
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value):
        return None
    return made_by(value) or _in_text(value) or _by_name(key, value)


def made_by(text: str) -> str | None:
    """Whose token it is, by its form."""
    found = _MAKERS.search(text)
    return f"a {_MAKER_NAMES[int(str(found.lastgroup)[1:])]}" if found else None


def is_harmless(text: str) -> bool:
    """Digests, versions, names, hostnames and URLs without user information: no secret whatever its entropy."""
    forms = (_DIGEST, _VERSION, _NAME, _HOSTNAME, _PLAIN_URL)
    return any(form.fullmatch(text) for form in forms)


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())


def _in_text(text: str) -> str | None:
    for form, reason in ((_USERINFO, "a URL with a password in it"), (_IN_TEXT, "a text with a credential in it")):
        found = form.search(text)
        if found and not _PLACEHOLDER.fullmatch(found["password"]):
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


def _is_dense(text: str) -> bool:
    return len(text) >= 6 and " " not in text.strip() and entropy(text) >= 2.5


def _words(key: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(key)]
