"""How far the clock of a sign-in provider may differ."""

from __future__ import annotations

import pytest

from liftgate.domain.config.people import Claim
from liftgate.errors import Refused
from liftgate.integrations.clock import SystemClock
from tests.integrations.identity.test_oidc import Provider, provider

__all__ = ["provider"]


@pytest.mark.parametrize("off", [-120, 120])
def test_the_providers_clock_may_differ_by_two_minutes(provider: Provider, off: int) -> None:
    there = int(SystemClock().now().timestamp()) + off
    provider.claims = {"iat": there, "nbf": there, "exp": there + 60}
    assert provider.claim() == Claim(kind="email", value="ada@example.com")
    provider.claims = {"iat": there + 5 * off, "nbf": there + 5 * off, "exp": there + 5 * off + 60}
    with pytest.raises(Refused):
        provider.claim()
