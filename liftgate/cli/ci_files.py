"""Files that run `liftgate check` in a CI system, and `liftgate validate` before a commit."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Final

from liftgate import __version__
from liftgate.scaffold import templates

PATHS: Final = {
    "github": ".github/workflows/liftgate.yml",
    "gitlab": ".gitlab-ci.yml",
    "pre-commit": ".pre-commit-config.yaml",
}
NONE: Final = "none"


def add_ci(parser: ArgumentParser, usual: str) -> None:
    parser.add_argument(
        "--ci", choices=(*PATHS, NONE), action="append", default=[],
        help=f"write a file that checks pull requests, or commits, with Liftgate; can be repeated ({usual})",
    )  # fmt: skip


def ci_files(wanted: Iterable[str]) -> dict[str, str]:
    """Text by path, with the version of this Liftgate."""
    texts = templates()
    return {PATHS[name]: texts[f"ci-{name}.yaml"].replace("@version@", __version__) for name in wanted if name != NONE}
