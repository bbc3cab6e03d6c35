"""What one commit of the configuration repository says: `liftgate.json`, applications, values, schemas, releases."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from liftgate.domain.argocd.sync_waves import SyncWaves, filled
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer, read_allowed
from liftgate.domain.common.names import is_name
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Json
from liftgate.domain.config import configuration as config
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.config.pipeline import Application
from liftgate.domain.config.places import shared_file
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.planning import release as releases
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.rules import Rules, from_schema
from liftgate.domain.secrets import sops_config
from liftgate.domain.secrets.sops import Sops
from liftgate.domain.secrets.sops_config import SopsConfig
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git import sops_yaml
from liftgate.integrations.git.repository import File, Repository

NO_APPLICATION = (
    "no application found: no environment has a values.json with /application/name; make one with: liftgate init"
)
_PERHAPS_CIPHERTEXT = (b"ENC[", b"\\u")


class ConfigSnapshot:
    """Everything is read at the one commit, so one run sees one state of the repository."""

    def __init__(self, repository: Repository, commit: str, configuration: Configuration | None = None) -> None:
        """With `configuration`, that is taken instead of the one in `liftgate.json`."""
        self.repository, self.commit = repository, commit
        self._given = configuration
        self._schemas: dict[str, Json | None] = {}
        self._rules: dict[str, Rules] = {}

    @cached_property
    def configuration(self) -> Configuration:
        """Raises Misconfigured with every mistake of `liftgate.json`."""
        return self._given or config.read_configuration(self.configuration_text)

    @property
    def configuration_text(self) -> bytes:
        """The text of `liftgate.json`; raises Misconfigured if there is none."""
        file = self.repository.file(self.commit, config.FILE)
        if file is None:
            raise Misconfigured(f"the repository has no {config.FILE}; make one with: liftgate init")
        return file.data

    @cached_property
    def signers(self) -> tuple[Signer, ...]:
        """Whose signatures count: changed through Git like everything else."""
        file = self.repository.file(self.commit, ALLOWED_SIGNERS)
        return read_allowed(file.data.decode(errors="replace")) if file else ()

    @cached_property
    def applications(self) -> dict[str, Application]:
        """As written, or found by each values file's `application.name`; raises Refused for a file that tells none."""
        if self.nameless:
            raise Refused("\n".join(self.nameless.values()))
        if not self.readable:
            raise Misconfigured(NO_APPLICATION)
        return self.readable

    @property
    def readable(self) -> dict[str, Application]:
        """Those that can be told, whatever is wrong with other files: one broken file stops no other application."""
        return self.configuration.applications or self._found[0]

    @property
    def nameless(self) -> dict[str, str]:
        """Path of each values file that does not tell its application's name, and what is wrong with it."""
        return {} if self.configuration.applications else self._found[1]

    def application(self, name: str) -> Application:
        if name in self.readable:
            return self.readable[name]
        raise Refused(f'there is no application "{name}"; {nearest(name, self.applications)}')

    def environment(self, name: str) -> str:
        try:
            return self.configuration.known(name)
        except ValueError as error:
            raise Refused(str(error).removeprefix("environment: ")) from None

    def argocd(self, name: str, environment: str) -> SyncWaves:
        return filled(self.application(name).argocd, name, environment)

    def path(self, name: str, environment: str) -> str:
        """The values file of the application in the environment."""
        return self.application(name).place(self.configuration.environments[environment], environment)[1]

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Folder and values file of every application in every environment, told by paths alone."""
        environments = self.configuration.environments.items()
        if known := self.configuration.applications.values():
            return tuple(one.place(root, name) for name, root in environments for one in known)
        return tuple((path.rpartition("/")[0], path) for _, path in self._values_files)

    def values(self, name: str, environment: str) -> File | None:
        return self.repository.file(self.commit, self.path(name, environment))

    def schemas(self, name: str, environment: str) -> tuple[Json | None, Json | None]:
        """The application's schema and the environment's overlay (`schema.prod.json` beside it), where they exist."""
        path = self.application(name).schema_path
        if not path:
            return None, None
        schema = self._schema(path)
        if schema is None:
            raise Misconfigured(f"applications.{name}.schema: there is no {path} in the repository")
        return schema, self._schema(overlay_of(path, environment))

    def schema_blobs(self, name: str, environment: str) -> tuple[str, str]:
        """Ids of the same two files; empty where there is none."""
        path = self.application(name).schema_path
        if not path:
            return "", ""
        paths = path, overlay_of(path, environment)
        schema, overlay = (self.repository.object_id(self.commit, each) for each in paths)
        return schema, overlay

    @cached_property
    def sops_config(self) -> SopsConfig | None:
        """None for a repository without `.sops.yaml`; raises Misconfigured for a wrong one."""
        file = self.repository.file(self.commit, sops_config.FILE)
        return sops_yaml.read_sops_yaml(file.data) if file else None

    def sops(self, name: str, path: str, data: bytes) -> Sops:
        """What SOPS has to do with these bytes at the path; other files only where there is ciphertext to compare."""
        if not any(sign in data for sign in _PERHAPS_CIPHERTEXT):
            return Sops(config=self.sops_config)
        paths = {self.path(name, environment) for environment in self.configuration.order} | {self.source_path(name)}
        files = (self.repository.file(self.commit, other) for other in sorted(paths - {path}))
        return Sops(config=self.sops_config, others=tuple((file.path, file.data) for file in files if file))

    def rules(self, name: str) -> Rules:
        """The schema's owners first, then `liftgate.json`'s: the last match wins."""
        path = self.application(name).schema_path
        if path not in self._rules:
            schema = self._schema(path) if path else None
            rules = (*(from_schema(schema) if schema else ()), *self.configuration.rules)
            self._rules[path] = Rules(rules=rules)
        return self._rules[path]

    def names(self, name: str) -> tuple[str, ...]:
        """The application's name, and the earlier ones that `was` gives it."""
        return name, *self.application(name).earlier_names

    def source_path(self, name: str) -> str:
        """Where releases come from: the base values beside the first environment, else that environment itself."""
        base, *others = _source_places(self.application(name), self.configuration)
        return base if not others or self.repository.object_id(self.commit, base) else others[0]

    def source_paths(self, name: str, source: str) -> tuple[str, ...]:
        """Where the release at a source commit can be: as its own `liftgate.json` says, then as this one does."""
        found: list[str] = []
        with suppress(LiftgateError):
            then = ConfigSnapshot(self.repository, source).configuration
            known = [then.applications[each] for each in self.names(name) if each in then.applications]
            for application in known if then.applications else [self.application(name)]:
                found += _source_places(application, then)
        return tuple(dict.fromkeys([*found, *_source_places(self.application(name), self.configuration)]))

    def release_path(self, name: str, source: str) -> str:
        """The file of the release at a source commit."""
        found = (path for path in self.source_paths(name, source) if self.repository.object_id(source, path))
        return next(found, self.source_path(name))

    def newest_release(self, name: str) -> Release:
        """The candidate as this commit has it, fixed at the commit that last changed it."""
        path = self.source_path(name)
        history = self.repository.log(self.commit, path=path, limit=1)
        if not history:
            raise Refused(f"there are no values of {name} to promote: {path} does not exist")
        return self.release_at(name, history[0].sha, path)

    def release_at(self, name: str, source: str, path: str = "") -> Release:
        """The release fixed at a source commit, under the rules of this tree's commit; `path` is its file there."""
        for where in [path] if path else self.source_paths(name, source):
            if file := self.repository.file(source, where):
                return self.release_of(name, source, where, file.data)
        where = path or self.source_path(name)
        raise Refused(f"there are no values of {name} at {source[:12]}: {where} does not exist there")

    def release_of(self, name: str, source: str, path: str, data: bytes) -> Release:
        """The same of the file's content. Raises Refused for content that is not strict JSON."""
        document = strict_json.read_json(data, name=path)
        if document.violations:
            raise Refused("\n".join(str(finding) for finding in document.violations))
        return releases.fix(name, source, path, document.value, self.rules(name))

    @cached_property
    def _found(self) -> tuple[dict[str, Application], dict[str, str]]:
        """By folder; a file that cannot be read is told by its neighbours, and is nameless where it has none."""
        found: dict[str, Application] = {}
        unnamed: dict[tuple[str, str], str] = {}
        for below, path in self._values_files:
            try:
                found.setdefault(self._name(path), Application(folder=below))
            except Refused as error:
                unnamed[below, path] = str(error)
        named = {application.folder for application in found.values()}
        return found, {path: why for (below, path), why in unnamed.items() if below not in named}

    @cached_property
    def _values_files(self) -> tuple[tuple[str, str], ...]:
        """(folder below the environment's, path) of every file that can be an application's values.

        Raises Misconfigured for a file that two environments reach.
        """
        reached: dict[str, tuple[str, str]] = {}
        for name, root in self.configuration.environments.items():
            for path, _ in self.repository.paths(self.commit, root):
                below = path.removeprefix(f"{root}/")
                if below != "values.json" and not (below.endswith("/values.json") and below.count("/") == 1):
                    continue
                if path in reached:
                    raise Misconfigured(f"{config.FILE}: environments: {shared_file(path, reached[path][0], name)}")
                reached[path] = name, below.removesuffix("values.json").strip("/")
        return tuple((below, path) for path, (_, below) in reached.items())

    def _name(self, path: str) -> str:
        value = self._json(path)
        application = value.get("application") if isinstance(value, dict) else None
        name = application.get("name") if isinstance(application, dict) else None
        if not isinstance(name, str) or not name:
            raise Refused(f"{path}: /application/name is missing, so these values belong to no application")
        if not is_name(name):
            raise Refused(f"{path}: /application/name is no name: letters, digits, dots and dashes, up to 100")
        return name

    def _schema(self, path: str) -> Json | None:
        """Read once: every step of a stage wants it at the same moment."""
        if path not in self._schemas:
            try:
                self._schemas[path] = self._json(path)
            except Refused as error:
                raise Misconfigured(str(error)) from None
        return self._schemas[path]

    def _json(self, path: str) -> Json | None:
        file = self.repository.file(self.commit, path)
        if file is None:
            return None
        document = strict_json.read_json(file.data, name=path)
        if document.violations:
            raise Refused("\n".join(str(finding) for finding in document.violations))
        return document.value


def overlay_of(schema: str, environment: str) -> str:
    """The path of the schema that narrows another one for an environment."""
    return f"{schema.removesuffix('.json')}.{environment}.json"


def _source_places(application: Application, configuration: Configuration) -> tuple[str, ...]:
    """The base values if they have a place, then the first environment's."""
    first, root = next(iter(configuration.environments.items()))
    base = application.base(tuple(configuration.environments.values()))
    return tuple(filter(None, (base, application.place(root, first)[1])))
