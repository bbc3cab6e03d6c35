"""What the benchmark reads from installed packages: enough of it, and the same when asked again."""

from __future__ import annotations

from tools.bench.third_party_samples import EACH, benign, forms, secrets


def test_both_packages_publish_forms_and_secrets_are_made_of_them() -> None:
    found = forms()
    assert [len(each) > 20 for each in found.values()] == [True, True]
    for form in (each[0] for each in found.values()):
        made = secrets(form)
        assert 0 < len(made) <= EACH
        assert made == secrets(form)
        assert all(form.pattern.search(text) or pointer == f"/{form.key}" for pointer, text in made)


def test_a_form_that_needs_a_name_gets_it() -> None:
    (deepgram,) = (form for form in forms()["classifinder-engine"] if form.key == "deepgram_api_key")
    assert {pointer for pointer, _ in secrets(deepgram)} == {"/deepgram_api_key"}


def test_every_kind_of_harmless_document_is_there() -> None:
    assert all(documents for documents in benign().values())
