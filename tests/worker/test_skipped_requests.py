"""What a run still does, and what it is spared: certificates, and a question about results that are not stored."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from prefect import results
from prefect._internal import version_checking
from prefect.client import orchestration
from prefect.filesystems import LocalFileSystem
from prefect.settings import PREFECT_API_TLS_INSECURE_SKIP_VERIFY, PREFECT_API_URL, temporary_settings

from worker.skipped_requests import spare_certificates, spare_storage


@pytest.fixture(autouse=True)
def spared() -> Iterator[None]:
    spare_certificates()
    yield
    for module in (orchestration, version_checking):
        module.ssl = ssl  # type: ignore[attr-defined]


def context(url: str, *, skip: bool) -> ssl.SSLContext:
    """Of a client that Prefect made."""
    with temporary_settings({PREFECT_API_TLS_INSECURE_SKIP_VERIFY: skip}):
        client: Any = orchestration.SyncPrefectClient(url)._client
    found: ssl.SSLContext = client._transport._pool._ssl_context
    return found


def test_who_verifies_nothing_reads_no_certificates() -> None:
    made = context("http://127.0.0.1:4200/api", skip=True)
    assert made.verify_mode == ssl.CERT_NONE
    assert not made.get_ca_certs()


def test_who_verifies_still_has_all_of_them() -> None:
    made = context("https://prefect.example.com/api", skip=False)
    assert made.verify_mode == ssl.CERT_REQUIRED
    assert made.check_hostname
    assert made.get_ca_certs()


def test_everybody_else_in_the_process_keeps_the_real_one() -> None:
    assert ssl.create_default_context().get_ca_certs()
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED


def test_no_server_is_asked_where_results_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_read_server_default_result_storage_block_id", "_aread_server_default_result_storage_block_id"):
        monkeypatch.setattr(results, name, getattr(results, name))  # put back what the next line replaces
    spare_storage()
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert isinstance(results.get_default_result_storage(), LocalFileSystem)
