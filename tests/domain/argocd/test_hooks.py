"""What a sync runs besides what it applies."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.argocd.hooks import has_hooks, is_same


def thing(name: str = "thing", **annotations: str) -> Any:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "annotations": annotations or None}}


def hook(kinds: str, word: str = "argocd.argoproj.io/hook") -> Any:
    return thing("hook", **{word: kinds})


@pytest.mark.parametrize("kinds", ["PreSync", "Sync", "PostSync", "SyncFail, PostSync"])
def test_a_sync_runs_the_hooks_of_its_phases(kinds: str) -> None:
    assert has_hooks([thing(), hook(kinds)])


@pytest.mark.parametrize("kinds", ["pre-install", "post-upgrade,post-install"])
def test_helms_hooks_are_run_as_well(kinds: str) -> None:
    assert has_hooks([hook(kinds, "helm.sh/hook")])


def test_what_runs_only_after_a_failure_or_never_is_none() -> None:
    others = [hook("SyncFail"), hook("Skip"), hook("test", "helm.sh/hook"), hook("post-delete", "helm.sh/hook")]
    assert not has_hooks([thing(), {"kind": "List"}, None, *others])


def test_a_word_of_argo_cd_goes_before_helms() -> None:
    assert not has_hooks([thing("hook", **{"argocd.argoproj.io/hook": "Skip", "helm.sh/hook": "post-install"})])


def test_the_same_objects_in_another_order_are_the_same() -> None:
    assert is_same([thing("a"), hook("Sync")], [hook("Sync"), thing("a")])
    assert not is_same([thing("a")], [thing("a"), hook("Sync")])
    assert not is_same([thing("a"), thing("b")], [thing("a"), thing("c")])
    assert not is_same([thing("a"), thing("a")], [thing("a"), thing("c")])
