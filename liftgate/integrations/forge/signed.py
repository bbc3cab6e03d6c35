"""The proof of a webhook that most forges send: `X-Hub-Signature-256`, an HMAC of the raw body."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

_MAC: Final = re.compile("sha256=[0-9a-f]{64}")


def may_be_signed(secret: str, headers: Mapping[str, str]) -> bool:
    """By the header's form alone."""
    return bool(secret) and bool(_MAC.fullmatch(headers.get("x-hub-signature-256", "")))


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Without a secret nothing is proven."""
    ours = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "")
    return bool(secret) and hmac.compare_digest(given.encode(), ours.encode())
