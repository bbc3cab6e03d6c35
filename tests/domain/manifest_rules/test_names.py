"""One name for each environment, and the one Liftgate looks for."""

from __future__ import annotations

from liftgate.domain.manifests import application_set as manifests_set
from tests.domain.manifest_cases import PLACES, TARGET, application, application_set, found, the


def test_the_same_name_twice_is_one_application() -> None:
    findings = found(f"{application()}---\n{application()}")
    assert [finding.rule for finding in findings] == ["one-name", "one-name"]


def test_a_set_whose_name_does_not_vary_is_one_application() -> None:
    template = manifests_set.application_set(PLACES, TARGET)["spec"]["template"]
    template["metadata"]["name"] = "shop"
    assert the("one-name", application_set(template=template)).fix == "Name them shop-dev, shop-prod."


def test_a_name_liftgate_does_not_look_for_has_its_nearest_one() -> None:
    text = application().replace("name: shop-dev", "name: shop-development", 1)
    assert 'did you mean "shop-dev"?' in the("unknown-name", text).message
