"""A link or submodule in the configuration repository leads nowhere: not to the worker's disk, not elsewhere in Git."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.work_tree import NOW, WorkTree
from tests.cli.conftest import Folder, Said, clone, git, liftgate
from tests.examples import SEED, text

__all__ = ["clone", "liftgate"]
SECRET = "what the worker alone may read"
VALUES = "configs/prod/values.json"
WITH_SCHEMA = SEED | {"applications": {"example-app": {"schema": "schemas/values.schema.json"}}}


def link(clone: Folder, path: str, to: str) -> None:
    where = clone.path / path
    if where.is_dir():
        where.rename(where.with_name("elsewhere"))
    else:
        where.unlink(missing_ok=True)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.symlink_to(to)


def secret_beside(clone: Folder) -> str:
    """A file outside the repository that would be valid values."""
    outside = clone.path.parent / "outside.json"
    outside.write_text(f'{{"application": {{"name": "example-app", "version": "6.6.6", "motto": "{SECRET}"}}}}')
    return str(outside)


def read(tree: ConfigSnapshot) -> None:
    tree.files("example-app", "prod")
    tree.schemas("example-app", "prod")


LINKS: dict[str, tuple[str, str]] = {
    "out of the repository": (VALUES, ""),
    "to another environment": (VALUES, "../dev/values.json"),
    "a text that would be valid values": (VALUES, '{"application":{"name":"example-app","version":"6.6.6"}}'),
    "of a whole folder": ("configs/prod", "elsewhere"),
    "for liftgate.json": ("liftgate.json", ""),
    "for the signers": (".liftgate/allowed_signers", ""),
}


@pytest.mark.parametrize("case", LINKS)
def test_a_link_is_refused_with_one_sentence(clone: Folder, liftgate: Callable[..., Said], case: str) -> None:
    path, to = LINKS[case]
    link(clone, path, to or secret_beside(clone))
    refused(clone, liftgate, path, "a symbolic link")


def test_a_schema_and_its_overlay_are_no_links_either(clone: Folder, liftgate: Callable[..., Said]) -> None:
    clone.put("liftgate.json", text(WITH_SCHEMA))
    link(clone, "schemas/values.schema.json", secret_beside(clone))
    refused(clone, liftgate, "schemas/values.schema.json", "a symbolic link")
    (clone.path / "schemas/values.schema.json").unlink()
    clone.put("schemas/values.schema.json", b"{}")
    link(clone, "schemas/values.schema.prod.json", "values.schema.json")
    refused(clone, liftgate, "schemas/values.schema.prod.json", "a symbolic link")


def test_a_submodule_is_refused_with_one_sentence(clone: Folder) -> None:
    head = git(clone.path, "rev-parse", "HEAD")
    git(clone.path, "rm", "-rq", "--cached", "configs/prod")
    git(clone.path, "update-index", "--add", "--cacheinfo", f"160000,{head},configs/prod")
    git(clone.path, "commit", "-qm", "a submodule")
    with pytest.raises(LiftgateError, match=r"configs/prod is a submodule, and Liftgate reads plain files only"):
        Repository(clone.path).file(git(clone.path, "rev-parse", "HEAD"), VALUES)


def refused(clone: Folder, liftgate: Callable[..., Said], path: str, kind: str) -> None:
    commit, sentence = clone.commit(), f"{path} is {kind}, and Liftgate reads plain files only"
    if path != ".liftgate/allowed_signers":  # nothing of the values depends on it
        for tree in (ConfigSnapshot(Repository(clone.path), commit), ConfigSnapshot(WorkTree(clone.path), NOW)):
            with pytest.raises(LiftgateError) as error:
                read(tree)
            assert sentence in str(error.value)
    with pytest.raises(LiftgateError, match=kind):
        _ = ConfigSnapshot(Repository(clone.path), commit).repository.file(commit, path)
    said = liftgate("validate", "--repo", str(clone.path))
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.err
    if path != ".liftgate/allowed_signers":
        assert said.code != 0
        assert sentence in said.out + said.err


@pytest.mark.parametrize("values", ["../../../outside.json", "/etc/passwd", "a/../../../outside.json"])
def test_a_path_out_of_the_repository_is_refused(clone: Folder, liftgate: Callable[..., Said], values: str) -> None:
    secret_beside(clone)
    clone.put("liftgate.json", text(SEED | {"applications": {"example-app": {"values": values}}}))
    clone.commit()
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code != 0 or said.out.startswith("0 files")
    assert SECRET not in said.out + said.err
