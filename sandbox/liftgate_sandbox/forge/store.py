"""The forge's memory: one state, changed under one lock, written whole after each change."""

from __future__ import annotations

import hmac
import threading
from pathlib import Path
from typing import Any, TypeVar

from liftgate_sandbox.forge.model import Numbered, Repository, State, Team, User

N = TypeVar("N", bound=Numbered)


class Store:
    """Reads `file` if it exists; holders of `lock` may read, decide and change in one step."""

    def __init__(self, file: Path) -> None:
        self.lock = threading.RLock()
        self._file = file
        self._state = State.model_validate_json(file.read_bytes()) if file.exists() else State()

    def next_id(self) -> int:
        """It is written with the record that gets it."""
        with self.lock:
            self._state = self._state.model_copy(update={"last_id": self._state.last_id + 1})
            return self._state.last_id

    def user(self, login: str) -> User | None:
        return self._state.users.get(login)

    def users(self) -> tuple[User, ...]:
        return tuple(self._state.users.values())

    def put_user(self, user: User) -> None:
        with self.lock:
            self._change(users={**self._state.users, user.login: user})

    def teams(self) -> tuple[Team, ...]:
        return self._state.teams

    def put_team(self, team: Team) -> None:
        with self.lock:
            self._change(teams=(*self._state.teams, team))

    def by_token(self, token: str) -> User | None:
        """The user whose token this is, compared in constant time."""
        given = token.encode()
        found = [user for user in self.users() if hmac.compare_digest(user.token.encode(), given)]
        return found[0] if found else None

    def repository(self, full_name: str) -> Repository | None:
        """Owner and name are case-insensitive, as on GitHub."""
        return self._state.repositories.get(full_name.lower())

    def renamed(self, full_name: str) -> str:
        """The new name of a repository that was renamed; else an empty text."""
        return self._state.renamed.get(full_name.lower(), "")

    def rename(self, full_name: str, new: str) -> None:
        with self.lock:
            kept = dict(self._state.repositories)
            owner, _, name = new.partition("/")
            kept[new.lower()] = kept.pop(full_name.lower()).model_copy(update={"owner": owner, "name": name})
            self._change(repositories=kept, renamed={**self._state.renamed, full_name.lower(): new})

    def repositories(self) -> tuple[Repository, ...]:
        return tuple(self._state.repositories.values())

    def put(self, repository: Repository) -> None:
        with self.lock:
            key = repository.full_name.lower()
            self._change(repositories={**self._state.repositories, key: repository})

    def edit(self, full_name: str, **changes: Any) -> Repository:
        """Replace fields of a repository that exists; answer the new one."""
        with self.lock:
            changed = self._state.repositories[full_name.lower()].model_copy(update=changes)
            self.put(changed)
            return changed

    def _change(self, **changes: Any) -> None:
        self._state = self._state.model_copy(update=changes)
        fresh = self._file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(self._state.model_dump_json())
        fresh.replace(self._file)


def replaced(records: tuple[N, ...], changed: N) -> tuple[N, ...]:
    """The same records with the one of the same `id` exchanged."""
    return tuple(changed if record.id == changed.id else record for record in records)
