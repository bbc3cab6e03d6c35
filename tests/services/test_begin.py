"""What is refused before anything is planned: in one sentence, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.wiring import Integrations
from tests.examples import text, values
from tests.server.world import World, deployed_world
from tests.services.walk import gated, walk

TTL = "/application/environment/configs/cache/ttl"


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for what changes nothing in it."""
    with deployed_world(tmp_path_factory.mktemp("refusing")) as world:
        yield world


@pytest.fixture
def world(refusing: World) -> Iterator[World]:
    before = refusing.lab.commits()
    yield refusing
    assert refusing.lab.commits() == before
    assert refusing.lab.entries("dev") == []


def argocd(world: World, **changes: Any) -> Integrations:
    """Of a worker that is told otherwise where Argo CD is."""
    return world.another(argocd=world.at.settings.argocd.model_copy(update=changes))


def test_an_unknown_environment_names_the_nearest(world: World) -> None:
    with pytest.raises(Refused) as error:
        walk(world, to="prd").begin()
    assert str(error.value) == 'there is no environment "prd"; did you mean "prod"?'


def test_a_control_character_is_refused_with_its_place(world: World) -> None:
    with pytest.raises(Refused) as error:
        walk(world, "update", environment="dev", changes={TTL: 600}, reason="because\x1eof it").begin()
    assert str(error.value) == "reason: character 8 is a control character (U+001E); write plain text"


def test_skipping_an_environment_is_refused_with_the_way_out(world: World) -> None:
    with pytest.raises(Refused, match=r"is not verified in staging.*promote it to staging first"):
        walk(world, to="prod", release="1.4.2").begin()


def test_an_unreachable_argo_cd_stops_it_before_the_commit(world: World) -> None:
    with pytest.raises(Unavailable, match=r"Argo CD is not reachable at 127\.0\.0\.1:9"):
        walk(world, at=argocd(world, url="http://127.0.0.1:9"), to="dev").begin()


def test_a_missing_token_is_named_by_its_setting(world: World) -> None:
    with pytest.raises(Misconfigured) as error:
        walk(world, at=argocd(world, token=SecretStr("")), to="dev").begin()
    assert str(error.value) == "Argo CD needs a token: set LIFTGATE_ARGOCD__TOKEN"


def test_malformed_values_are_named_at_their_place(deployed: World) -> None:
    deployed.lab.commit({"configs/dev/values.json": b'{"application": {"name": "example-app",}}\n'})
    with pytest.raises(Refused, match=r"configs/dev/values\.json:1:"):
        walk(deployed, to="dev").begin()


def test_a_commit_that_only_says_it_is_the_promotions_is_not_where_it_goes_on(deployed: World) -> None:
    """Nor who approved it: whoever may push can write that. Signed by the worker it is."""
    gated(deployed)
    run = walk(deployed, by="rosa", to="dev")
    assert run.begin().revision == ""
    said = f"About\n\nPromotion-Id: {run.run}\nPromotion-Environment: dev\nPromotion-Approved-By: ada\n"
    deployed.lab.commit({"docs/about.md": b"x"}, said)
    assert run.begin().revision == ""
    change, plan, _ = run.asks()
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    committed = run.commit(change, plan)
    assert run.begin().revision == committed.revision != ""
    assert deployed.lab.json("dev") == values("dev", "1.4.2")


def test_the_branch_as_it_is_when_the_run_looks_again(deployed: World) -> None:
    run = walk(deployed, to="dev")
    change = run.begin()
    head = deployed.lab.commit({"configs/dev/values.json": text(values("dev", "1.4.0"))})
    again = run.look_again(change)
    assert (again.head, again.previous, again.version) == (head, "1.4.0", "1.4.2")
