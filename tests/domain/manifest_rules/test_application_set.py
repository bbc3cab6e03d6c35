"""The weaknesses of ApplicationSets."""

from __future__ import annotations

import pytest

from tests.domain.manifest_cases import URL, application_set, the


@pytest.mark.parametrize("inside", [False, True])
def test_the_files_generator_is_weak(inside: bool) -> None:
    git = {"git": {"repoURL": URL, "revision": "main", "files": [{"path": "configs/*/values.json"}]}}
    generators = [{"matrix": {"generators": [{"list": {"elements": []}}, git]}}] if inside else [git]
    finding = the("files-generator", application_set(generators=generators))
    assert "stops the whole set" in finding.message


def test_a_set_takes_what_runs_with_a_removed_folder() -> None:
    assert "Argo CD deletes what runs there" in the("set-deletion", application_set(syncPolicy=None)).message


def test_a_parameter_that_does_not_exist_must_be_an_error() -> None:
    assert "<no value>" in the("missing-key", application_set(goTemplateOptions=None)).message
