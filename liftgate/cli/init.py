"""Make a configuration repository: values, schema, Kubernetes and Argo CD manifests, `liftgate.json`, two keys.

What exists already is left as it is and listed, so that it can be called again: in a repository that has its
`liftgate.json`, only what that one lacks is made. A new repository gets its first commit. What is not given is asked
for on a terminal.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from liftgate.cli import next_steps
from liftgate.cli.answer import Answer, ask, is_asked
from liftgate.cli.first_commit import branch_of, first_commit, whoever_calls
from liftgate.cli.folder import Files, origin, put
from liftgate.cli.keys import allowed_signers, known_keys
from liftgate.cli.manifests import project_of
from liftgate.cli.places import places
from liftgate.domain import manifests, manifests_files, manifests_text, scaffold, strict_json
from liftgate.domain.configuration import FILE
from liftgate.domain.manifests_place import Target, bare
from liftgate.domain.names import is_name
from liftgate.domain.pointer import find
from liftgate.domain.scaffold import ALLOWED_SIGNERS, Scaffold
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.git.work_tree import NOW, WorkTree
from liftgate.scaffold import templates

KEYS: Final = {
    "folder": "the repository",
    "written": "the files that were made",
    "kept": "the files that were there already",
    "keys": "the folder with the two private keys; empty when it is not known",
    "commit": "the first commit; empty when none was made",
    "variables": "object of setting to its value, empty where only you know it",
    "next": "what to do next",
}
EXAMPLE, ENVIRONMENTS = "example-app", "dev,staging,prod"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".", help="the repository's folder (here)")
    parser.add_argument("--application", metavar="NAME", default="", help=f"its name ({EXAMPLE})")
    parser.add_argument("--repository", "--repo-url", dest="repository", metavar="URL", default="",
                        help="where Argo CD clones it from (origin's address)")  # fmt: skip
    parser.add_argument(
        "--environments", metavar="NAMES", default="", help=f"in the order of promotion ({ENVIRONMENTS})"
    )
    parser.add_argument("--people", metavar="NAMES", type=people, default={},
                        help="who may approve, like ada=ada@example.com,grace (you, as git knows you)")  # fmt: skip
    parser.add_argument("--keys", metavar="DIR", default="", help="where the keys go, or are (DIR/../NAME-keys)")


def people(text: str) -> dict[str, str]:
    """Name to e-mail address; raises what argparse shows with exit code 2."""
    found = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        name, _, email = each.partition("=")
        if not is_name(name):
            raise ArgumentTypeError(f"{name} is no name for a person: letters, digits, dots and dashes")
        found[name] = email
    return found


def run(given: Any) -> Answer:
    """Raises Refused for what cannot be, Misconfigured where nothing can be written."""
    folder = Path(given.folder).resolve()
    url = _address(given, folder)
    is_new = not (folder / FILE).exists()
    names, files = _of_a_new_one(given, folder, url) if is_new else _lacking(given, folder, url)
    keys = Path(given.keys).resolve() if given.keys else folder.parent / f"{folder.name}-keys"
    try:
        if not (folder / ALLOWED_SIGNERS).exists():
            files[ALLOWED_SIGNERS] = allowed_signers(keys, folder, is_named=bool(given.keys))
        written = [path for path, text in files.items() if put(folder / path, text)]
    except OSError as error:
        raise Misconfigured(f"{error.filename} cannot be written: {error.strerror}") from None
    commit, left = first_commit(folder, written, f"Configuration repository of {', '.join(names)}", url)
    tree = Tree(WorkTree(folder), NOW)
    found = places(tree, Files(folder))
    done = next_steps.Done(
        folder=folder,
        project=project_of(url, Files(folder), found),
        people=tuple(tree.configuration.people),
        written=tuple(written),
        kept=tuple(sorted({*files, ALLOWED_SIGNERS, FILE} - {*written})),
        keys=known_keys(keys, (folder / ALLOWED_SIGNERS).read_text()),
        commit=commit,
        left=tuple(left),
        url=url,
        branch=branch_of(folder),
    )
    return next_steps.answer(done)


def _address(given: Any, folder: Path) -> str:
    """Empty where it is not known yet. Raises Refused for one with credentials, which would come into a manifest."""
    url = str(given.repository) or (origin(folder) if (folder / ".git").exists() else "")
    if not url and is_asked():
        url = ask("The repository's address, as Argo CD will clone it (empty: later)")
    if url != bare(url):
        raise Refused(f"leave the credentials out of {bare(url)}: they belong into LIFTGATE_REPOSITORY__TOKEN")
    return url


def _of_a_new_one(given: Any, folder: Path, url: str) -> tuple[list[str], dict[str, str]]:
    environments = tuple(filter(None, (name.strip() for name in (given.environments or ENVIRONMENTS).split(","))))
    if not environments:
        raise Refused(f"at least one environment is needed: --environments {ENVIRONMENTS}")
    there = _named_by_values(folder, environments)
    if len(there) > 1 or (there and given.application not in ("", *there)):
        raise Refused(f"the values here are of {', '.join(sorted(there))}: init adds no other application; {_MANY}")
    wanted = Scaffold(
        application=given.application or next(iter(there), EXAMPLE),
        repository=url,
        environments=environments,
        branch=branch_of(folder),
        people=given.people or _asked_for_people(folder, environments[-1]),
    )
    wanted.check()
    return [wanted.application], scaffold.files(wanted, templates())


_MANY: Final = "many applications in one repository: docs/how-to/many-applications.md"


def _named_by_values(folder: Path, environments: tuple[str, ...]) -> set[str]:
    """The applications that values files without a `liftgate.json` are of."""
    files = (folder / "configs" / name / "values.json" for name in ("base", *environments))
    read = (strict_json.read(file.read_bytes(), name=file.name) for file in files if file.is_file())
    found = (find(document.value, "/application/name") for document in read if not document.violations)
    return {name for name in found if isinstance(name, str)}


def _asked_for_people(folder: Path, last: str) -> dict[str, str]:
    """Asked for on a terminal; else whoever calls, as git knows them."""
    usual = whoever_calls(folder)
    if not is_asked():
        return usual
    shown = "".join(f" [{name}={email}]" for name, email in usual.items())
    try:
        return people(ask(f"Who may approve what goes to {last}, like ada=ada@example.com,grace{shown}")) or usual
    except ArgumentTypeError as error:
        raise Refused(str(error)) from None


def _lacking(given: Any, folder: Path, url: str) -> tuple[list[str], dict[str, str]]:
    """What a repository with a `liftgate.json` lacks. Raises Refused where something else was asked for."""
    tree, have = Tree(WorkTree(folder), NOW), Files(folder)
    names, order = list(tree.applications), ",".join(tree.configuration.order)
    if given.application not in ("", *names):
        raise Refused(f"this repository has {', '.join(names)}: init adds no other application; {_MANY}")
    if given.environments.replace(" ", "") not in ("", order):
        raise Refused(f"the environments of this repository are {order}, by its {FILE}; change them there")
    if given.people:
        raise Refused(f"this repository has its {FILE}: write people into it (docs/how-to/policy.md)")
    found = places(tree, have)
    files = manifests_files.missing(found, have, templates())
    if url:
        target = Target(repository=url, project=project_of(url, have, found), branch=branch_of(folder))
        files |= _written_as_text(manifests.manifests(found, target, "applications"))
    return names, files


def _written_as_text(documents: Mapping[str, Any]) -> dict[str, str]:
    return {path: manifests_text.write(document) for path, document in documents.items()}
