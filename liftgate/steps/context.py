"""What a step is given: everything it may look at and touch, so that it needs nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.config.configuration import Allowed
from liftgate.domain.json_text.pointer import covers
from liftgate.domain.json_text.strict import Document, read_json
from liftgate.domain.planning.release import version_of
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.sops import Sops
from liftgate.errors import Misconfigured
from liftgate.integrations.clock import Clock, SystemClock

if TYPE_CHECKING:  # httpx is slow to import, and most steps touch nothing
    from liftgate.domain.ledger.backup import Backup
    from liftgate.domain.planning.plan_value import Plan
    from liftgate.domain.rendered.rendered import Rendered
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.metrics import Metrics
    from liftgate.integrations.probe import Answer, Finished


def _out_of_reach(*_: Any) -> NoReturn:
    raise Misconfigured("This step needs a network, a test command or the ledger, and runs here without them.")


@dataclass(frozen=True)
class StepCapabilities:
    """What a step may touch: an HTTP address (within seconds), a test command by name, and time.

    What may be None is not set up here, or cannot be known yet.
    """

    clock: Clock = field(default_factory=SystemClock)
    get: Callable[[str, float], Answer] = _out_of_reach
    post: Callable[[str, Mapping[str, str], float], Answer] = _out_of_reach
    run: Callable[[str, Mapping[str, str], float], Finished] = _out_of_reach
    live: Live | None = None
    metrics: Metrics | None = None
    backup: Callable[[], Backup | None] = _out_of_reach
    since: Callable[[], dt.datetime] = _out_of_reach
    """When the sync of the commit began."""
    show: Callable[[str, str, str], None] = _out_of_reach
    """An artifact of the run: its kind (a word), its Markdown, and its description."""
    tell: Callable[[Plan], None] = _out_of_reach
    """The promotion's message in the chat, with the plan."""
    rendered: Callable[[Plan], Rendered | None] = _out_of_reach
    """What the plan's commit would change in the cluster; None where nothing can render it."""
    refusal: Callable[[str, bytes, float], str] | None = None
    """Why the file of that path cannot be decrypted, "" when it can; None without a key."""


@dataclass(frozen=True)
class Context:
    """One values file of one environment as it is, or as it would be after a plan.

    A dataclass, because a pydantic model has a `schema` of its own. `schema` None means the built-in
    one; `overlay` narrows it for this environment; `settings` are this step's own.
    """

    application: str
    environment: str
    path: str
    data: bytes
    file: str = ""
    """Its name, the same in all environments, where the application has several values files."""
    rules: Rules = field(default_factory=Rules)
    schema: Json | None = None
    overlay: Json | None = None
    allow: tuple[Allowed, ...] = ()
    sops: Sops = field(default_factory=Sops)
    today: dt.date = dt.date.max
    settings: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    """Of the promotion, for people."""
    plan: Plan | None = None
    """What is about to change; None but in the stage `preview`."""
    version: str = ""
    revision: str = ""
    """The commit that is verified, or "" before there is one."""
    deployed_as: tuple[str, ...] = ()
    """The deployer's names for the application."""
    capabilities: StepCapabilities = field(default_factory=StepCapabilities)

    @cached_property
    def document(self) -> Document:
        """Read once for all steps that share the context."""
        return read_json(self.data, name=self.path)

    @property
    def planned(self) -> Plan:
        """Raises Misconfigured in another stage than `preview`."""
        if self.plan is None:
            raise Misconfigured("This step shows a plan, which only the stage preview has: move it there.")
        return self.plan

    @property
    def serving(self) -> str:
        """The version that should run: the release's, else what the values say."""
        return self.version or version_of([self.document.value], self.rules.version_pointer)

    def allowed(self, pointer: str) -> Allowed | None:
        """The entry that covers the pointer: one that still holds before one that is over."""
        entries = [entry for entry in self.allow if covers(entry.pointer, pointer)]
        return min(entries, key=self.is_over, default=None)

    def is_over(self, entry: Allowed) -> bool:
        return entry.until is not None and self.today > entry.until


class Step(Protocol):
    """A named check or action of a stage; a module with a function `run` is one."""

    def run(self, context: Context, /) -> Verdict: ...
