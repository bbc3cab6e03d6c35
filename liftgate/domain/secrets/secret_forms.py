"""Credentials with a recognisable format."""

from __future__ import annotations

import re
from typing import Final

_FORMS: Final[dict[str, tuple[str, ...]]] = {
    "private key": (r"-----BEGIN (?:[A-Z0-9 ]{1,40} )?PRIVATE KEY(?: BLOCK)?-----",),
    "age key": (r"AGE-SECRET-KEY-1[0-9A-Z]{20,}",),
    "AWS access key": (r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",),
    "GitHub token": (r"\b(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{22,})",),
    "GitLab token": (r"\bgl(?:pat|dt|rt|ptt|soat|cbt|ft|imt|agent)-[0-9A-Za-z_\-]{20,}",),
    "Slack token": (
        r"\bxox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z\-]{10,}",
        r"\bxapp-[0-9]-[0-9A-Za-z\-]{10,}",
    ),
    "webhook URL": (
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,}",
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w\-]{20,}",
        r"https://[\w.\-]{1,100}\.webhook\.office\.com/webhookb2/\S{20,}",
    ),
    "Stripe key": (
        r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{10,}",
        r"\bwhsec_[0-9A-Za-z+/=]{16,}",
    ),
    "AI service key": (
        r"\bsk-(?:ant-|proj-|or-v1-|svcacct-)?[0-9A-Za-z_\-]{20,}",
        r"\bhf_[0-9A-Za-z]{20,}",
        r"\bgsk_[0-9A-Za-z]{20,}",
        r"\br8_[0-9A-Za-z]{30,}",
        r"\bxai-[0-9A-Za-z]{20,}",
        r"\bbedrock-api-key-[0-9A-Za-z+/=]{20,}",
    ),
    "Google key": (
        r"\bAIza[0-9A-Za-z_\-]{30,}",
        r"\bya29\.[0-9A-Za-z_\-]{20,}",
        r"\bGOCSPX-[0-9A-Za-z_\-]{20,}",
    ),
    "mail service key": (
        r"\bSG\.[\w\-]{16,64}\.[\w\-]{16,}",
        r"\bkey-[0-9a-f]{32}\b",
        r"\b[0-9a-f]{32}-us[0-9]{1,2}\b",
        r"\bxkeysib-[0-9a-f]{32,}",
    ),
    "package registry token": (
        r"\bnpm_[0-9A-Za-z]{30,}",
        r"\bpypi-Ag[0-9A-Za-z_\-]{20,}",
        r"\brubygems_[0-9A-Za-z]{30,}",
        r"\boy2[a-z2-7]{43}\b",
        r"\bdckr_[op]at_[0-9A-Za-z_\-]{20,}",
        r"\bcio[0-9A-Za-z]{32}\b",
    ),
    "cloud token": (
        r"\bdo[opr]_v1_[0-9a-f]{40,}",
        r"\bdapi[0-9a-f]{32}\b",
        r"\b[0-9A-Za-z]{14}\.atlasv1\.[\w\-=]{40,}",
        r"\bLTAI[0-9A-Za-z]{12,}",
        r"\bfo1_[\w\-]{30,}",
        r"\bFlyV1 fm[0-9]_\S{20,}",
        r"\bpul-[0-9a-f]{40}\b",
        r"\bHRKU-[\w\-]{20,}",
        r"\bvc[a-z]_[0-9A-Za-z]{50,}",
    ),
    "Azure key": (
        r"\b[0-9A-Za-z_\-]{44}AzFu[0-9A-Za-z_\-]{5}[AQgw]==",
        r"\b[0-9A-Za-z]{42}AzSe[A-D][0-9A-Za-z]{5}\b",
        r"\b[0-9A-Za-z]{52}JQQJ9[9DH][0-9A-Za-z][A-L][0-9A-Za-z]{16}",
    ),
    "Vault token": (
        r"\bhv[sbr]\.[\w\-]{20,}",
        r"\bs\.[0-9A-Za-z]{24}\b",
    ),
    "shop token": (
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}",
        r"\bsq0(?:atp|csp|idp)-[\w\-]{20,}",
        r"\bEAA[\w\-]{40,}",
    ),
    "monitoring key": (
        r"\bNRAK-[0-9A-Za-z]{20,}",
        r"\bNRAA-[0-9a-f]{27}\b",
        r"\bNRII-[\w\-]{20,}",
        r"\bglsa_[0-9A-Za-z]{20,}",
        r"\bglc_[0-9A-Za-z+/=]{20,}",
        r"\bsntry[su]_[\w+/=\-]{20,}",
    ),
    "work tool token": (
        r"\bbkua_[0-9A-Za-z]{40}\b",
        r"\bATATT3[\w\-=]{20,}",
        r"\blin_api_[0-9A-Za-z]{20,}",
        r"\bPMAK-[0-9a-f]{20,}-[0-9a-f]{20,}",
        r"\b(?:ntn|secret)_[0-9A-Za-z]{40,}",
        r"\bpat[0-9A-Za-z]{14}\.[0-9a-f]{64}\b",
    ),
    "telephony key": (
        r"\b(?:SK|AC)[0-9a-f]{32}\b",
        r"\b[0-9]{8,10}:AA[\w\-]{32,}",
    ),
    "directory client secret": (r"(?<![\w~.])[\w~.]{3}[0-9]Q~[\w~.\-]{31,34}",),
    "social network token": (r"\bEAA[MC][0-9A-Za-z]{100,}", r"\b[0-9]{15,16}\|[0-9A-Za-z_\-]{27,40}"),
    "code host token": (
        r"\bsgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}",
        r"\bAPI-[A-Z0-9]{26}\b",
        r"\bs-s4t2(?:ud|af)-[0-9a-f]{64}",
    ),
    "password safe key": (r"\bops_eyJ[\w+/=\-]{200,}", r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,5}[A-Z0-9]{5}"),
    "JSON Web Token": (r"\beyJ[\w\-]{8,2000}\.eyJ[\w\-]{8,4000}\.[\w\-]*",),
    "authorization header": (r"\b(?:Basic|Bearer) +[A-Za-z0-9+/=_.\-]{12,}",),
    "password hash": (
        r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}",
        r"\$(?:5|6|y|apr1|argon2id?)\$\S{20,}",
        r"\{S{1,2}HA(?:256|512)?\}[A-Za-z0-9+/=]{20,}",
    ),
}
_NAMES: Final = tuple(_FORMS)
_ANY: Final = re.compile("|".join(f"(?P<m{at}>{'|'.join(forms)})" for at, forms in enumerate(_FORMS.values())))


_RUN: Final = re.compile(r"[A-Za-z0-9_\-+/=.]{10,}")


def is_plain(text: str) -> bool:
    """Whether nothing in the text can be a credential: no long run of mixed characters, and no PEM or hash."""
    if "-----BEGIN" in text or "$" in text:
        return False
    return all(run.isalpha() and (run.islower() or (run.isupper() and len(run) < 16)) for run in _RUN.findall(text))


def made_by(text: str) -> str | None:
    """The kind of credential in the text, by its format."""
    found = None if is_plain(text) else _ANY.search(text)
    name = _NAMES[int(str(found.lastgroup)[1:])] if found else ""
    return f"{'an' if name[0] in 'Aa' else 'a'} {name}" if name else None
