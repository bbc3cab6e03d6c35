"""What a run asks for while Prefect's engine starts is used once, and an error of it is no answer for the next try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import get_ident

import pytest

from liftgate import settings, wiring
from liftgate.errors import LiftgateError
from tasks import ahead
from tests.examples import text, values
from tests.integrations.conftest import Hosted, hosted

__all__ = ["hosted"]


@pytest.fixture(autouse=True)
def _settings(hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LIFTGATE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LIFTGATE_REPOSITORY__URL", f"{hosted.url}/shop/config.git")
    monkeypatch.setenv("LIFTGATE_REPOSITORY__TOKEN", hosted.tokens["liftgate-bot"])
    wiring.integrations.cache_clear()
    yield
    wiring.integrations.cache_clear()


def change(note: str) -> dict[str, bytes | None]:
    return {"configs/dev/values.json": text(values("dev", note=note))}


def test_what_was_asked_ahead_is_the_answer_to_one_try(hosted: Hosted) -> None:
    first = hosted.commit(change("first"))
    ahead.look("run")
    asked = ahead._begun["run"].head.result()
    second = hosted.commit(change("second"))
    assert ahead.taken("run").head.result() == asked == first
    assert ahead.taken("run").head.result() == second


def test_an_error_is_an_answer_to_one_try_only(hosted: Hosted, tmp_path: Path) -> None:
    head = hosted.commit(change("there"))
    (repository,) = (tmp_path / "forge").rglob("config.git")
    away = repository.rename(repository.with_name("away"))
    ahead.look("run")
    with pytest.raises(LiftgateError):
        ahead.taken("run").head.result()
    away.rename(repository)
    assert ahead.taken("run").head.result() == head


def test_the_environment_is_read_before_the_engine_may_change_it(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's engine removes a variable while the requests run: another thread that reads all of them would fail."""
    readers, load = [], settings.load

    def noted() -> settings.Settings:
        readers.append(get_ident())
        return load()

    monkeypatch.setattr(settings, "load", noted)
    head = hosted.commit(change("there"))
    ahead.look("run")
    assert ahead.taken("run").head.result() == head
    assert readers == [get_ident()]
