"""Several Applications for one environment: in waves, and the worst of them counts."""

from __future__ import annotations

from threading import Barrier

from liftgate.domain.argocd.sync_waves import filled, names
from liftgate.domain.config.application import Application
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.fleet import bring

GOOD = Deployed(state="deployed", reason="synced and healthy", total=2.0, detect=0.5)
BAD = Deployed(state="failed", reason="Degraded", total=9.0, first_sync=False)
LATE = Deployed(state="timed out", reason="no verdict in time", total=300.0)


def test_a_name_alone_is_one_wave_of_one() -> None:
    (only,) = filled(Application().argocd, "shop", "prod")
    assert only == ("shop-prod",)
    assert bring((only,), lambda _: GOOD) == GOOD


def test_a_list_is_the_order_and_a_list_within_it_goes_side_by_side() -> None:
    written = Application.model_validate({"argocd": ["canary-{environment}", ["eu-{environment}", "us-{environment}"]]})
    sync_waves = filled(written.argocd, "shop", "prod")
    assert sync_waves == (("canary-prod",), ("eu-prod", "us-prod"))
    assert names(sync_waves) == ("canary-prod", "eu-prod", "us-prod")


def test_those_of_one_wave_are_waited_for_at_the_same_time() -> None:
    meeting = Barrier(2, timeout=10)

    def wait(_: str) -> Deployed:
        meeting.wait()
        return GOOD

    deployed = bring((("eu", "us"),), wait)
    assert (deployed.state, deployed.reason) == ("deployed", "2 applications are synced and healthy")


def test_after_a_bad_wave_the_next_one_is_not_begun() -> None:
    begun: list[str] = []

    def wait(name: str) -> Deployed:
        begun.append(name)
        return BAD if name == "canary" else GOOD

    deployed = bring((("canary",), ("eu", "us")), wait)
    assert (deployed.state, begun) == ("failed", ["canary"])


def test_the_worst_counts_and_says_where() -> None:
    answers = {"eu": GOOD, "us": BAD, "asia": LATE}
    deployed = bring((("eu", "us", "asia"),), answers.__getitem__)
    assert deployed.state == "failed"
    assert deployed.reason == "us: Degraded; asia: no verdict in time"
    assert (deployed.total, deployed.first_sync, deployed.detect) == (300.0, False, 0.5)
