from __future__ import annotations

import pytest

from liftgate.domain.secrets.base58 import is_address, is_wallet_key

ADDRESS = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
CONTRACT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
WALLET = "5HueCGU8rMjxEXxiPuD5BDku4M" + "kFqeZyd4dZ1jvhTVqvbTLvyTJ"


@pytest.mark.parametrize("text", [ADDRESS, CONTRACT, "So11111111111111111111111111111111111111112"])
def test_addresses_are_known_by_their_bytes(text: str) -> None:
    assert is_address(text)
    assert not is_wallet_key(text)


@pytest.mark.parametrize("place", range(1, len(ADDRESS)))
def test_a_wrong_letter_breaks_the_checksum(place: int) -> None:
    other = "2" if ADDRESS[place] != "2" else "3"
    assert not is_address(ADDRESS[:place] + other + ADDRESS[place + 1 :])


def test_a_wallet_key_is_known_by_its_checksum_and_version() -> None:
    assert is_wallet_key(WALLET)
    assert not is_wallet_key(WALLET[:-1] + "K")
    assert not is_address(WALLET)


@pytest.mark.parametrize("text", ["", "1", "0" * 44, "l" * 44, "z" * 44, "é" * 44, "1" * 61])
def test_other_texts_are_neither(text: str) -> None:
    assert not is_address(text)
    assert not is_wallet_key(text)
