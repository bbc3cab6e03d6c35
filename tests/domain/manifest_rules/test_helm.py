"""Values files that Helm would not find, and several sources."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.manifest_cases import URL, application, found, source, the


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("../configs/dve/values.json", "no configs/dve/values.json"),
        ("$values/configs/dev/values.json", "no source has ref: values"),
        ("configs/$values/values.json", "in the middle"),
    ],
)
def test_a_values_file_that_helm_does_not_find_is_named(file: str, words: str) -> None:
    text = application(chart="chart", source=source(path="chart", helm={"valueFiles": [file]}))
    assert words in the("values-file", text).message


def several(*sources: Any) -> str:
    return application(source=None, sources=list(sources))


REFERENCE = {"repoURL": URL, "targetRevision": "main", "ref": "values"}
CHART = {
    "repoURL": "https://charts.example.com",
    "chart": "shop",
    "targetRevision": "1.4.2",
    "helm": {"valueFiles": ["$values/configs/dev/values.json"]},
}


def test_a_chart_of_its_own_version_with_values_from_here_is_fine() -> None:
    assert found(several(CHART, REFERENCE)) == []


def test_a_chart_whose_version_moves_is_no_release() -> None:
    assert the("sources", several(CHART | {"targetRevision": "1.*"}, REFERENCE)).blocking


def test_two_sources_of_one_repository_are_one_too_many() -> None:
    text = several(source(path="chart", helm=CHART["helm"]), REFERENCE)
    assert not the("sources", text).blocking


def test_a_source_beside_sources_is_ignored() -> None:
    text = application(sources=[CHART, REFERENCE])
    assert "Argo CD ignores source" in the("sources", text).message
