"""The environment of a worker and of everything it starts: an allow list, and no key and no token of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate.runtime import own_settings
from liftgate.settings import Settings

HELD: Final = (
    "LIFTGATE_WORKER__SIGNING_KEY",
    "LIFTGATE_REPOSITORY__TOKEN",
    "LIFTGATE_REPOSITORY__SSH_KEY",
    "LIFTGATE_FORGE__TOKEN",
    "LIFTGATE_FORGE__APP_KEY",
)
"""Only the signer process gets these settings."""
_BASIC: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "HOSTNAME")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_NAMES: Final = frozenset(
    {*_BASIC, *_PROXIES, *_CERTIFICATES, "LD_LIBRARY_PATH", "VIRTUAL_ENV", "NO_COLOR", "LIFTGATE_HOME"}
)
_PREFIXES: Final = ("LC_", "PREFECT_", "PYTHON", "COV_", "COVERAGE_", "MALLOC_")


def held(settings: Settings) -> dict[str, str]:
    """The settings of the signer process: the worker's own."""
    return own_settings.own("worker", settings)


def without_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """What a worker with these settings passes on: known names, its own settings, and the variables it must pass on."""
    named = _NAMES | own_settings.NO_SETTINGS | set(settings.sops.pass_on) | set(settings.worker.pass_on)
    kept = {
        name: value
        for name, value in environ.items()
        if name in named or name.upper() in _NAMES or name.startswith(_PREFIXES)
    }
    ours = {name: value for name, value in held(settings).items() if name not in HELD}
    return {name: value for name, value in kept.items() if name not in HELD} | ours
