"""Hostile input to all that reads foreign text: no traceback, no 5xx, and no more memory than one input needs."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack.hands import signed
from liftgate_sandbox.town import SIGNING_SECRET
from pydantic import ValidationError
from sandbox_tests.plain import http

from liftgate.domain.approval.request import CHAINED_KEY, REQUEST_KEY, Request, proven_request, started
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import Vote, proven_votes, votes_of_run
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.commits.raw_commit import read_raw_commit
from liftgate.domain.common.value import Value
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.promotion.run_request import as_stored
from liftgate.domain.runs import run_notes
from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from liftgate.server.api import Decide, GoBack, Start
from liftgate.server.app import application
from liftgate.server.slack import read_click
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.cli.test_fuzz import bent, broken
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER

RUN = "22222222-2222-4222-8222-222222222222"
SECRET = "of the forge"
SIGNERS = read_allowed(ALLOWED_SIGNERS)
VOTE = Vote(run=RUN, plan="a" * 64, shown="b" * 64, person="ada", decision="approve", reason="", at=NOW, through="page")
STARTED = started("liftgate", "promote", RUN, {"to": "dev"})
REQUEST = Request(started=STARTED, person="ada", at=NOW)
CLICK = {
    "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U01ADA", "team_id": "T1"},
    "container": {"channel_id": "C1", "message_ts": "1.1"}, "response_url": "",
    "message": {"metadata": {"event_payload": {"promotion": RUN}}},
    "actions": [{"action_id": "approve", "value": json.dumps({"promotion": RUN, "plan": "a" * 64, "shown": "b" * 64})}],
}  # fmt: skip
REVIEW = {"action": "submitted", "pull_request": {"head": {"ref": f"liftgate/promotions/{RUN}"}}}
COMMIT = (
    b"tree " + b"a" * 40 + b"\nparent " + b"b" * 40 + b"\nauthor Ada <ada@example.com> 1790000000 +0000\n"
    b"committer Ada <ada@example.com> 1790000000 +0000\nencoding UTF-8\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n"
    b" -----END SSH SIGNATURE-----\n\nPromote\n\nPromotion-Id: 1\n"
)
BODIES: dict[type[Value], dict[str, object]] = {
    Start: {"flow": "promote", "parameters": {"application": "a", "to": "dev"}},
    Decide: {"plan": "a" * 64, "shown": "b" * 64, "decision": "approve", "reason": "good"},
    GoBack: {"seen": "a" * 64, "reason": "bad"},
}


def webhook(body: bytes) -> None:
    mac = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    forge = GitHub(Access(remote="https://github.com/a/b", webhook_secret=SECRET))
    assert forge.webhook({"x-hub-signature-256": mac, "x-github-event": "pull_request_review"}, body) is not None


def api(body: bytes) -> None:
    document = read_json(body)
    for kind in BODIES:
        try:
            kind.model_validate(document.value)
        except ValidationError:
            continue


def note(body: bytes) -> None:
    text = body.decode(errors="surrogateescape")
    for kind in (run_notes.PLAN, run_notes.MESSAGE, run_notes.RENDERED, run_notes.VERDICTS, run_notes.RERUN):
        kind.read(text)
    run_notes.FORM.approves(text)
    value = read_json(body).value
    as_stored("update", value if isinstance(value, dict) else {})


def statement(body: bytes) -> None:
    """Only what was signed is believed, whatever stands around it."""
    text = body.decode(errors="surrogateescape")
    for key in (VOTE.key, "vote-", ""):
        assert set(proven_votes({key: text}, run=RUN, plan=VOTE.plan, signers=SIGNERS)) <= {VOTE}
        assert set(votes_of_run({key: text}, run=RUN, signers=SIGNERS)) <= {VOTE}
    for key in (REQUEST_KEY, CHAINED_KEY):
        assert proven_request({key: text}, STARTED, SIGNERS) in (None, REQUEST)


def commit(body: bytes) -> None:
    read_raw_commit(body)


TARGETS: dict[Callable[[bytes], object], list[bytes]] = {
    read_click: [urlencode({"payload": json.dumps(CLICK)}).encode()],
    webhook: [json.dumps(REVIEW).encode()],
    api: [json.dumps(each).encode() for each in BODIES.values()],
    note: [run_notes.MESSAGE.text(Place(channel="C1", ts="1.1")).encode(), b'{"changes": {"/a": 1}, "to": "dev"}'],
    statement: [
        sign_statement(VOTE, SERVER, signature.VOTES).encode(),
        sign_statement(REQUEST, SERVER, signature.VOTES).encode(),
    ],
    commit: [COMMIT],
}


def inputs(seed: int) -> Iterator[tuple[Callable[[bytes], object], bytes]]:
    dice, targets = random.Random(seed), list(TARGETS)
    while True:
        target = dice.choice(targets)
        data = dice.choice(TARGETS[target])
        if target not in (commit, read_click) and dice.random() < 0.6:
            value = json.loads(data)
            for _ in range(dice.randint(1, 3)):
                value = bent(dice, value)
            yield target, json.dumps(value).encode("utf-8", "surrogatepass")
        elif target is read_click and dice.random() < 0.7:
            yield target, urlencode({"payload": json.dumps(bent(dice, CLICK))}).encode()
        else:
            yield target, broken(dice, data)


def fuzz(number: int, seed: int) -> None:
    for made, (target, data) in enumerate(inputs(seed)):
        if made == number:
            return
        try:
            target(data)
        except Exception as error:
            error.add_note(f"{getattr(target, '__name__', target)} on {data!r} (seed {seed}, input {made})")
            raise


def test_ten_thousand_hostile_inputs_find_no_bug() -> None:
    fuzz(9_000, seed=1)
    tracemalloc.start()  # it makes everything slow
    try:
        fuzz(1_000, seed=2)
        assert tracemalloc.get_traced_memory()[0] < 5_000_000, "nothing grows with the number of inputs"
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_a_million_hostile_inputs_find_no_bug() -> None:
    seed = int(os.environ.get("FUZZ_SEED", str(time.time_ns())))
    print(f"FUZZ_SEED={seed}")
    fuzz(int(os.environ.get("FUZZ_INPUTS", "1000000")), seed)


def test_the_server_itself_answers_each_with_no_5xx(tmp_path: Path) -> None:
    """Over real connections; without a repository, whatever passes the door is refused by a sentence."""
    mine = {
        "LIFTGATE_FORGE__WEBHOOK_SECRET": SECRET, "LIFTGATE_FORGE__KIND": "github",
        "LIFTGATE_SLACK__SIGNING_SECRET": SIGNING_SECRET, "LIFTGATE_STATE": str(tmp_path),
    }  # fmt: skip
    with serve(application(Integrations(from_variables(mine)))) as served:
        for made, (target, data) in enumerate(inputs(3)):
            if made == 300:
                break
            path, headers = asked(target, data)
            answer = http.post(f"{served.url}{path}", content=data, headers=headers)
            assert answer.status_code < 500, (target, data, answer.text)
            assert "Traceback" not in answer.text


def asked(target: Callable[[bytes], object], data: bytes) -> tuple[str, dict[str, str]]:
    if target is read_click:
        return "/slack/interactions", signed(SIGNING_SECRET, data.decode("latin-1"), int(time.time()))
    if target is webhook:
        mac = "sha256=" + hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
        return "/webhooks/forge", {"x-hub-signature-256": mac, "x-github-event": "push"}
    return f"/api/v1/promotions/{RUN}/decision", {"content-type": "application/json", "origin": "https://other.test"}
