"""What happens in a run of chaos, decided by its seed alone: rounds of operations and faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

WINDOW: Final = 15.0
"""Seconds of a round in which operations and faults begin."""
BRIEF: Final = (1.0, 6.0)
"""Seconds of a fault."""
TAKEN: Final = (35.0, 45.0)
"""Seconds after which a worker's runs are taken from it (`liveness.SILENT`)."""
LINKS: Final = ("worker-prefect", "server-prefect", "forge", "argocd", "slack", "people")
PROGRAMS: Final = ("flow", "zygote", "signer", "worker", "server", "prefect-server", "postgres")
SERVERS: Final = ("forge", "argocd", "slack")
TARGETS: Final = {
    "kill": PROGRAMS,
    "terminate": ("flow", "worker", "server", "prefect-server"),
    "freeze": ("flow", "keeper", "zygote", "signer", "worker", "server", "prefect-server"),
    "freeze for long": ("worker",),
    "down": SERVERS,
    "delay": LINKS,
    "lose the answer": LINKS,
    "truncate the answer": LINKS,
    "answer 429": LINKS,
    "answer 500": LINKS,
    "answer 502": LINKS,
    "answer 503": LINKS,
    "full disk": ("zygote", "server"),
    "few files": ("zygote", "server"),
    "no temporary folder": ("worker",),
}
"""Where each kind of fault can strike: a program, a connection, or a server that people run beside Liftgate."""
OPERATIONS: Final = {
    "release": 4,
    "promote": 5,
    "update": 4,
    "approve": 5,
    "reject": 1,
    "roll back": 2,
    "go back": 1,
    "pause": 1,
    "resume": 2,
    "change by hand": 1,
    "cancel": 1,
}
"""What people do, and how often beside the others."""


class Fault(NamedTuple):
    at: float
    """Seconds after the beginning of its round."""
    kind: str
    target: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.kind}: {self.target}, {self.seconds:.1f} s"


class Operation(NamedTuple):
    at: float
    kind: str
    number: int
    """Different for each operation of a run; what it writes is made from it."""
    environment: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.environment})"


class Round(NamedTuple):
    operations: tuple[Operation, ...]
    faults: tuple[Fault, ...]


class Plan(NamedTuple):
    seed: int
    rounds: tuple[Round, ...]
    by_pull_request: bool
    """Whether the last environment gets its commits by a pull request."""


def make_plan(seed: int, rounds: int, operations: int, faults: int) -> Plan:
    """`operations` and `faults` are those of each round."""
    random = Random(seed)
    strikes, numbers = _strikes(random), iter(range(1, rounds * operations + 1))
    made = tuple(_round(random, strikes, numbers, operations, faults) for _ in range(rounds))
    return Plan(seed, made, by_pull_request=random.random() < 0.5)


def _round(
    random: Random, strikes: Iterator[tuple[str, str]], numbers: Iterator[int], operations: int, faults: int
) -> Round:
    people = [
        Operation(at, kind, next(numbers), random.choice(("dev", "dev", "staging", "prod")))
        for at, kind in zip(_moments(random, operations), _kinds(random, operations), strict=True)
    ]
    broken = [_fault(random, at, *next(strikes)) for at in _moments(random, faults)]
    return Round(tuple(people), tuple(broken))


def _fault(random: Random, at: float, kind: str, target: str) -> Fault:
    return Fault(at, kind, target, random.uniform(*(TAKEN if kind == "freeze for long" else BRIEF)))


def _kinds(random: Random, count: int) -> Sequence[str]:
    """A new release that is promoted comes first: without one, there is nothing to break."""
    rest = random.choices(list(OPERATIONS), list(OPERATIONS.values()), k=max(count - 2, 0))
    return ["release", "promote", *rest][:count]


def _moments(random: Random, count: int) -> list[float]:
    return sorted(random.uniform(0.0, WINDOW) for _ in range(count))


def _strikes(random: Random) -> Iterator[tuple[str, str]]:
    """Kinds and targets as from a pack of cards: each one once before any comes again."""
    while True:
        kinds = {kind: random.sample(targets, len(targets)) for kind, targets in TARGETS.items()}
        while any(kinds.values()):
            for kind in random.sample(list(kinds), len(kinds)):
                if kinds[kind]:
                    yield kind, kinds[kind].pop()
