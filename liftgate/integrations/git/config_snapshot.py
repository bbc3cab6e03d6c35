"""What one commit of the configuration repository says: `liftgate.json`, applications, values, schemas, releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from liftgate.domain.argocd.sync_waves import SyncWaves, filled
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer, read_allowed
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Json
from liftgate.domain.config import configuration as config
from liftgate.domain.config.application import Application
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.planning import release as releases
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.rules import Rules, from_schema
from liftgate.domain.secrets import sops_config
from liftgate.domain.secrets.sops import Sops
from liftgate.domain.secrets.sops_config import SopsConfig
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git import sops_yaml
from liftgate.integrations.git.found_applications import Found, ValuesPaths, found_applications, values_paths
from liftgate.integrations.git.repository import File, Repository
from liftgate.integrations.git.values_files import Paths, ValuesFiles, names_now

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
        self._schema_rules: dict[str, Rules] = {}
        self._rules: dict[tuple[str, str], Rules] = {}
        self._paths: dict[tuple[str, str], Paths] = {}

    @cached_property
    def configuration(self) -> Configuration:
        """Raises Misconfigured with every mistake of `liftgate.json`."""
        return self._given or config.read_configuration(self.configuration_text)

    @property
    def configuration_text(self) -> bytes:
        """The text of `liftgate.json`; raises Misconfigured if there is none."""
        file = self.repository.file(self.commit, config.FILE)
        if file is None:
            raise Misconfigured(config.NO_FILE)
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
        return self.configuration.applications or self._found.applications

    @property
    def nameless(self) -> dict[str, str]:
        """Path of each values file that does not tell its application's name, and what is wrong with it."""
        return {} if self.configuration.applications else self._found.nameless

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

    def paths(self, name: str, environment: str) -> Paths:
        """The application's values files in the environment: those that a list names may be missing.

        Raises Misconfigured for a file that is reached twice.
        """
        if (name, environment) not in self._paths:
            self._paths[name, environment] = self._values(name).in_environment(self.commit, environment)
        return self._paths[name, environment]

    @cached_property
    def places(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Folder and values files of every application in every environment, told by paths alone."""
        environments = self.configuration.environments.items()
        if known := self.configuration.applications.items():
            return tuple(
                (one.own_folder(root, place), tuple(self.paths(name, place).values()))
                for place, root in environments
                for name, one in known
            )
        return tuple((path.rpartition("/")[0], (path,)) for _, path, _ in self._values_files)

    def files(self, name: str, environment: str) -> dict[str, File]:
        """Those that are there, by their names."""
        return self._there(self.commit, self.paths(name, environment))

    def files_in(self, name: str, environment: str, commit: str) -> dict[str, File]:
        """The same in another commit or tree, where this configuration has them."""
        return self._there(commit, self._values(name).in_environment(commit, environment))

    def files_at(self, name: str, environment: str, commit: str) -> dict[str, File]:
        """The same at an earlier commit, where its own `liftgate.json` has them, under today's names."""
        found: Paths = {}
        for then in self._then(commit, name):
            with suppress(LiftgateError):
                paths = then.there(commit, then.in_environment(commit, environment))
                found = self.named_now(name, commit, {path: file for file, path in paths.items()}) | found
        return self.files_in(name, environment, commit) | self._there(commit, found)

    def _there(self, commit: str, paths: Mapping[str, str]) -> dict[str, File]:
        return {name: file for name, path in paths.items() if (file := self.repository.file(commit, path))}

    def _values(self, name: str) -> ValuesFiles:
        return ValuesFiles(self.repository, name, self.application(name), self.configuration)

    def schemas(self, name: str, environment: str, file: str = "") -> tuple[Json | None, Json | None]:
        """The file's schema and the environment's overlay (`schema.prod.json` beside it), where they exist."""
        application = self.application(name)
        path = application.schema_of(file)
        if not path:
            return ({"type": "object"} if application.patterns else None), None
        schema = self._schema(path)
        if schema is None:
            raise Misconfigured(f"applications.{name}.schema: there is no {path} in the repository")
        return schema, self._schema(overlay_of(path, environment))

    def schema_blobs(self, name: str, environment: str) -> Sequence[Json]:
        """Ids of the same two files, empty where there is none; with several schemas, after what each is for."""
        written = self.application(name).schema_path
        if isinstance(written, str):
            return self._blobs(written, environment)
        return [(file, *self._blobs(path, environment)) for file, path in written.items()]

    def _blobs(self, path: str, environment: str) -> tuple[str, str]:
        if not path:
            return "", ""
        overlay = overlay_of(path, environment)
        return self.repository.object_id(self.commit, path), self.repository.object_id(self.commit, overlay)

    @cached_property
    def sops_config(self) -> SopsConfig | None:
        """None for a repository without `.sops.yaml`; raises Misconfigured for a wrong one."""
        file = self.repository.file(self.commit, sops_config.FILE)
        return sops_yaml.read_sops_yaml(file.data) if file else None

    def sops(self, name: str, path: str, data: bytes) -> Sops:
        """What SOPS has to do with these bytes at the path; other files only where there is ciphertext to compare."""
        if not any(sign in data for sign in _PERHAPS_CIPHERTEXT):
            return Sops(config=self.sops_config)
        places = [*(self.paths(name, environment) for environment in self.configuration.order), self.source_paths(name)]
        paths = {other for place in places for other in place.values()}
        files = (self.repository.file(self.commit, other) for other in sorted(paths - {path}))
        return Sops(config=self.sops_config, others=tuple((file.path, file.data) for file in files if file))

    def rules(self, name: str, file: str = "") -> Rules:
        """Of one file: the schema's owners first, then `liftgate.json`'s: the last match wins."""
        if (name, file) not in self._rules:
            application = self.application(name)
            path = application.schema_of(file)
            own = self.schema_rules(path).rules if path else ()
            written = [rule for rule in self.configuration.rules if application.is_file(rule.file, file)]
            self._rules[name, file] = Rules(rules=(*own, *written), version_pointer=application.version_pointer)
        return self._rules[name, file]

    def schema_rules(self, path: str) -> Rules:
        if path not in self._schema_rules:
            schema = self._schema(path)
            self._schema_rules[path] = Rules(rules=from_schema(schema) if schema else ())
        return self._schema_rules[path]

    def names(self, name: str) -> tuple[str, ...]:
        """The application's name, and the earlier ones that `was` gives it."""
        return name, *self.application(name).earlier_names

    def source_paths(self, name: str) -> Paths:
        """Where releases come from: the base values beside the first environment, else that environment itself."""
        return self._values(name).sources_there(self.commit)

    def sources_at(self, name: str, source: str) -> Iterator[Paths]:
        """Where the release at a source commit can be: as its own `liftgate.json` says, then as this one does."""
        for then in self._then(source, name):
            for place in then.of_sources(source):
                yield self.named_now(name, source, {path: file for file, path in place.items()})
        yield from self._values(name).of_sources(source)

    def release_paths(self, name: str, source: str) -> tuple[str, ...]:
        """The files of the release at a source commit."""
        there = (self._values(name).there(source, place) for place in self.sources_at(name, source))
        return tuple(next(filter(None, there), self.source_paths(name)).values())

    def base_paths(self, name: str) -> Paths:
        return self._values(name).of_sources(self.commit)[0]

    def pathspecs(self, name: str, environment: str) -> tuple[str, ...]:
        return self._values(name).pathspecs(self.paths(name, environment), environment)

    def newest_release(self, name: str) -> Release:
        """The candidate as this commit has it, fixed at the commit that last changed it."""
        paths, values = self.source_paths(name), self._values(name)
        history = self.repository.log(self.commit, paths=values.pathspecs(paths), limit=1)
        if not history:
            raise Refused(f"there are no values of {name} to promote: {_listed(paths)} does not exist")
        return self.release_of(name, history[0].sha, self._there(self.commit, paths))

    def release_at(self, name: str, source: str, paths: Sequence[str] = ()) -> Release:
        """The release fixed at a source commit, under the rules of this tree's commit; `paths` are its files there."""
        places = [self.named_now(name, source, dict.fromkeys(paths, ""))] if paths else self.sources_at(name, source)
        for place in places:
            if files := self._there(source, place):
                return self.release_of(name, source, files)
        where = ", ".join(paths) or _listed(self.source_paths(name))
        raise Refused(f"there are no values of {name} at {source[:12]}: {where} does not exist there")

    def release_here(self, name: str, environment: str) -> Release | None:
        """What the environment has, as a release of its own; None without a file."""
        files = self.files(name, environment)
        return self.release_of(name, self.commit, files) if files else None

    def release_of(self, name: str, source: str, files: Mapping[str, File]) -> Release:
        """The same of the files' contents by name. Raises Refused for content that is not strict JSON."""
        read = [(name, it.path, strict_json.read_json(it.data, name=it.path)) for name, it in sorted(files.items())]
        if wrong := [str(finding) for _, _, document in read for finding in document.violations]:
            raise Refused("\n".join(wrong))
        fixed = [releases.fix_file(file, path, it.value, self.rules(name, file)) for file, path, it in read]
        return releases.fix(name, source, fixed, self.application(name).version_pointer)

    def _then(self, commit: str, name: str) -> Iterator[ValuesFiles]:
        """By an earlier commit's own `liftgate.json`, under each name that it has for the application."""
        with suppress(LiftgateError):
            then = type(self)(self.repository, commit).configuration
            known = [then.applications[each] for each in self.names(name) if each in then.applications]
            for application in known if then.applications else [self.application(name)]:
                yield ValuesFiles(self.repository, name, application, then)

    def named_now(self, name: str, commit: str, then: Mapping[str, str]) -> Paths:
        """Recorded paths, each with the name that it had (it may be empty), by the names that the files have now."""
        places = self._values(name).known(commit) if then else ()
        return names_now(self.application(name), then, {path: file for each in places for file, path in each.items()})

    @cached_property
    def _found(self) -> Found:
        return found_applications(self.repository, self.commit, self._json, self._values_files)

    @cached_property
    def _values_files(self) -> ValuesPaths:
        return values_paths(self.repository, self.commit, self.configuration.environments)

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


def _listed(paths: Mapping[str, str]) -> str:
    return ", ".join(paths.values()) or "a file"
