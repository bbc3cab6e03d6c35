"""Create a configuration repository: values, schema, Kubernetes and Argo CD manifests, `liftgate.json`, two keys.

It never changes an existing file but lists it, so you can run it again. If the repository has a `liftgate.json`, it
only adds missing files. A new repository gets its first commit. On a terminal, it asks for missing arguments.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from liftgate.cli import next_steps
from liftgate.cli.answer import Answer, ask, confirm, is_asked, say
from liftgate.cli.ci_files import PATHS, add_ci, ci_files
from liftgate.cli.first_commit import branch_of, first_commit, whoever_calls
from liftgate.cli.folder import Files, origin, put
from liftgate.cli.keys import allowed_signers, known_keys
from liftgate.cli.manifests import project_of
from liftgate.cli.places import places
from liftgate.domain.adoption.doubts import shown
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.common.names import is_name
from liftgate.domain.config.configuration import FILE
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.json_text.pointer import find
from liftgate.domain.manifests import files as manifests_files
from liftgate.domain.manifests import manifests, scaffold
from liftgate.domain.manifests import text as manifests_text
from liftgate.domain.manifests.place import Place, Target, bare, in_shared_folders, why_not
from liftgate.domain.manifests.scaffold import EDITOR_SCHEMA, Scaffold
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.work_tree import NOW, WorkTree
from liftgate.integrations.products import forge_of
from liftgate.scaffold import templates
from liftgate.schemas import editor_schema

KEYS: Final = {
    "folder": "the repository",
    "written": "the new files",
    "kept": "the files that existed already",
    "keys": "the folder with the two private keys; empty if unknown",
    "commit": "the first commit; empty if it made none",
    "variables": "object of setting to its value; empty where only you know the value",
    "next": "the next steps",
}
EXAMPLE, ENVIRONMENTS = "example-app", "dev,staging,prod"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".", help="the repository's folder (this one)")
    parser.add_argument("--application", metavar="NAME", default="", help=f"the application's name ({EXAMPLE})")
    parser.add_argument("--repository", "--repo-url", dest="repository", metavar="URL", default="",
                        help="address that Argo CD clones (origin's)")  # fmt: skip
    parser.add_argument(
        "--environments", metavar="NAMES", default="", help=f"in the order of promotion ({ENVIRONMENTS})"
    )
    parser.add_argument("--people", metavar="NAMES", type=people, default={},
                        help="who may approve, like ada=ada@example.com,grace (you, from git's settings)")  # fmt: skip
    parser.add_argument(
        "--alone", action="store_true", help="for one person: they approve what they wrote or requested"
    )
    parser.add_argument(
        "--keys", metavar="DIR", default="", help="the keys' folder, new or existing (DIR/../NAME-keys)"
    )
    add_ci(parser, "the one of the forge that the address tells")


def people(text: str) -> dict[str, str]:
    """Name to e-mail address; raises what argparse shows with exit code 2."""
    found = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        name, _, email = each.partition("=")
        if not is_name(name):
            raise ArgumentTypeError(f"{name} is not a valid name: use letters, digits, dots and dashes")
        found[name] = email
    return found


def run(given: Any) -> Answer:
    """Raises Refused for impossible arguments, Misconfigured if it cannot write."""
    folder = Path(given.folder).resolve()
    url = _address(given, folder)
    is_new = not (folder / FILE).exists()
    names, files = _of_a_new_one(given, folder, url) if is_new else _lacking(given, folder, url)
    files[EDITOR_SCHEMA] = editor_schema()
    files |= ci_files(given.ci or {forge_of(url)} & PATHS.keys())
    keys = Path(given.keys).resolve() if given.keys else folder.parent / f"{folder.name}-keys"
    try:
        if not (folder / ALLOWED_SIGNERS).exists():
            files[ALLOWED_SIGNERS] = allowed_signers(keys, folder, is_named=bool(given.keys))
        written = [path for path, text in files.items() if put(folder / path, text)]
    except OSError as error:
        raise Misconfigured(f"{error.filename} cannot be written: {error.strerror}") from None
    ours = sorted({*files, ALLOWED_SIGNERS, FILE})
    tree = ConfigSnapshot(WorkTree(folder), NOW)
    found = places(tree, Files(folder))
    theirs = sorted({*ours, *_values_and_schemas(tree, found)} - {*written})
    commit, left = first_commit(folder, written, theirs, f"Configuration repository of {shown(names)}", url)
    done = next_steps.Done(
        folder=folder,
        project=project_of(url, Files(folder), found),
        people=tuple(tree.configuration.people),
        is_alone=_is_alone(tree),
        written=tuple(written),
        kept=tuple(path for path in ours if path not in written),
        keys=known_keys(keys, (folder / ALLOWED_SIGNERS).read_text()),
        commit=commit,
        left=tuple(left),
        url=url,
        branch=branch_of(folder),
        has_manifests=(folder / "argocd").is_dir() or len(in_shared_folders(found)) < len(found),
    )
    return next_steps.answer(done)


def _values_and_schemas(tree: ConfigSnapshot, found: list[Place]) -> set[str]:
    sources = {path for name in tree.applications for path in tree.source_paths(name).values()}
    schemas = {path for application in tree.applications.values() for path in application.schemas}
    return sources | schemas | {path for place in found for path in place.files}


def _is_alone(tree: ConfigSnapshot) -> bool:
    rule = tree.configuration.policy_of(tree.configuration.order[-1]).approvals
    return rule is not None and rule.is_alone


def _address(given: Any, folder: Path) -> str:
    """Empty if unknown. Raises Refused for an address with credentials: it would be written into a manifest."""
    url = str(given.repository) or (origin(folder) if (folder / ".git").exists() else "")
    if not url and is_asked():
        url = ask("The repository's address that Argo CD will clone (empty: decide later)")
    if url != bare(url):
        raise Refused(f"remove the credentials from {bare(url)}; put them into LIFTGATE_REPOSITORY__TOKEN")
    return url


def _of_a_new_one(given: Any, folder: Path, url: str) -> tuple[list[str], dict[str, str]]:
    environments = tuple(filter(None, (name.strip() for name in (given.environments or ENVIRONMENTS).split(","))))
    if not environments:
        raise Refused(f"give at least one environment, like --environments {ENVIRONMENTS}")
    there = _named_by_values(folder, environments)
    if len(there) > 1 or (there and given.application not in ("", *there)):
        raise Refused(f"these values belong to {', '.join(sorted(there))}; init cannot add an application; {_MANY}")
    approvers = given.people or _asked_for_people(folder, environments[-1])
    wanted = Scaffold(
        application=given.application or next(iter(there), EXAMPLE),
        repository=url,
        environments=environments,
        branch=branch_of(folder),
        people=approvers,
        alone=given.alone or _asked_whether_alone(approvers),
    )
    wanted.check()
    return [wanted.application], scaffold.files(wanted, templates())


_MANY: Final = "many applications in one repository: docs/how-to/many-applications.md"


def _named_by_values(folder: Path, environments: tuple[str, ...]) -> set[str]:
    """The applications named in values files, for a folder without a `liftgate.json`."""
    files = (folder / "configs" / name / "values.json" for name in ("base", *environments))
    read = (strict_json.read_json(file.read_bytes(), name=file.name) for file in files if file.is_file())
    found = (find(document.value, "/application/name") for document in read if not document.violations)
    return {name for name in found if isinstance(name, str)}


def _asked_for_people(folder: Path, last: str) -> dict[str, str]:
    """The people that the user names on a terminal; by default the user, from git's configuration."""
    usual = whoever_calls(folder)
    if not is_asked():
        return usual
    shown = "".join(f" [{name}={email}]" for name, email in usual.items())
    try:
        return people(ask(f"Who may approve promotions to {last}, like ada=ada@example.com,grace{shown}")) or usual
    except ArgumentTypeError as error:
        raise Refused(str(error)) from None


def _asked_whether_alone(approvers: Mapping[str, str]) -> bool:
    """A team of one person says on a terminal whether this person may approve their own changes."""
    if len(approvers) != 1 or not is_asked():
        return False
    (name,) = approvers
    return confirm(f"No second person: may {name} approve what {name} wrote or requested?", usual=False)


def _lacking(given: Any, folder: Path, url: str) -> tuple[list[str], dict[str, str]]:
    """The files that a repository with a `liftgate.json` lacks. Raises Refused for arguments that contradict it."""
    tree, have = ConfigSnapshot(WorkTree(folder), NOW), Files(folder)
    names, order = list(tree.applications), ",".join(tree.configuration.order)
    if given.application not in ("", *names):
        raise Refused(f"this repository has {', '.join(names)}; init cannot add an application; {_MANY}")
    if given.environments.replace(" ", "") not in ("", order):
        raise Refused(f"the {FILE} of this repository has the environments {order}; change them there")
    if given.people:
        raise Refused(f"this repository has a {FILE}: add people there (docs/how-to/policy.md)")
    every = places(tree, have)
    if shared := in_shared_folders(every):
        say(f"no manifests for Argo CD here: {why_not(shared)}")
    found = [place for place in every if place not in shared]
    made = manifests_files.missing(found, {}, templates())
    files = {path: text for path, text in made.items() if path in have}
    files |= manifests_files.missing(found, have, templates())
    if url and found:
        target = Target(repository=url, project=project_of(url, have, found), branch=branch_of(folder))
        files |= _written_as_text(manifests.manifests(found, target, "applications"))
    return names, files


def _written_as_text(documents: Mapping[str, Any]) -> dict[str, str]:
    return {path: manifests_text.write_manifests(document) for path, document in documents.items()}
