"""What people see: the board, a promotion, the history; and that the pages bring nothing from elsewhere."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from jsonschema import ValidationError
from starlette.routing import Route

from liftgate.domain.drift.record import Drifting
from liftgate.domain.promotion import board_page
from liftgate.domain.promotion.board import Board
from liftgate.domain.rendered.fields import FieldChange
from liftgate.domain.rendered.rendered import ObjectChange, Part, Rendered
from liftgate.domain.runs.run_notes import Check
from liftgate.errors import Unavailable
from liftgate.server import api, background
from liftgate.server.app import ROUTES
from liftgate.services import board as boards
from liftgate.services.notes import Notes
from liftgate.wiring import Integrations
from tests.examples import NOW, entry, text
from tests.server.described import DESCRIPTION, as_described
from tests.server.world import World
from tests.services.test_rollbacks_without_configuration import BROKEN

RUN = "22222222-2222-4222-8222-222222222222"


def test_the_board_shows_versions_states_and_who_is_waited_for(world: World) -> None:
    run, _ = world.waiting()
    page = world.board()
    assert page.count("1.4.1") >= 3
    assert "Waiting for people" in page
    assert "needs 1 approval: ada or grace" in page
    assert f'href="/promotions/{run}"' in page


@pytest.mark.parametrize("error", [None, Unavailable("Prefect does not answer"), KeyError("id")])
def test_a_server_makes_a_first_board_before_a_person_asks_and_starts_also_without(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    made, usual = list[str](), boards.board

    def board(at: Integrations, drift: Drifting) -> Board:
        made.append("")
        if error and len(made) == 1:
            raise error
        return usual(at, drift)

    monkeypatch.setattr(boards, "board", board)
    background.make_first_board(world.app.state.state)
    assert len(made) == 1
    world.app.state.state.board.forget()  # as 1.5 s later: so long an error is everyone's answer
    assert "1.4.1" in world.board()


def test_a_long_board_is_shown_by_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_page, "LINES", 1)
    change = {"application": "example-app", "environment": "prod", "changes": {"/application/features/search": False}}
    for _ in range(3):
        world.suspended(world.run("update", **change))
    first = world.board()
    assert (first.count('class="ask"'), "Page 1 of 3" in first, 'href="/?page=2"' in first) == (1, True, True)
    for asked, shown in (("2", 2), ("99", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 5000, 1)):
        page = world.http().get("/", params={"page": asked}).text
        assert (page.count('class="ask"'), f"Page {shown} of 3" in page) == (1, True)


def test_a_rollback_is_shown_where_it_happened(world: World) -> None:
    why = "rolled back to 1.4.1 in 21 s: health check: database unreachable"
    world.record(entry(promotion=RUN, environment="prod", outcome="rolled back", reason=why))
    said = f"R{why[1:]}"
    assert said in world.board()
    assert why in world.http().get("/history").text
    assert said in world.http().get(f"/promotions/{RUN}").text, "a run that Prefect has forgotten is in the ledger"


def test_a_commit_without_outcome_and_run_is_reported(world: World) -> None:
    world.committed(RUN, forged=True)
    world.at.git.fetch()
    assert "has no outcome" not in world.board(), "a person's own commit is no promotion"
    world.committed(RUN)
    world.at.git.fetch()
    world.app.state.state.board.forget()
    assert f"promotion {RUN} has no outcome" in world.board()


def test_the_commit_of_a_rollback_under_way_is_no_stray(world: World) -> None:
    world.lab.commit({"a.txt": b"x"}, f"Roll back\n\nPromotion-Id: {RUN}\nReverts-Promotion: 1\n")
    world.at.git.fetch()
    assert "has no outcome" not in world.board()


def test_values_nobody_can_read_are_shown_in_their_place(world: World) -> None:
    world.lab.commit({"configs/prod/values.json": b"{]"})
    world.at.git.fetch()
    assert "configs/prod/values.json:1:2" in world.board()


def test_a_promotion_shows_its_plan_and_says_who_may_not_decide_and_why(world: World) -> None:
    run, _ = world.waiting()
    nobody, rosa, ada = (world.http(name).get(f"/promotions/{run}").text for name in ("", "rosa", "ada"))
    for page in (nobody, rosa, ada):
        assert "/application/version" in page
        assert "1.4.2" in page
    assert "sign in to decide" in nobody
    assert "another person must approve it" in rosa
    assert 'value="approve"' in ada
    assert 'value="approve"' not in nobody + rosa


def test_what_will_change_in_the_cluster_is_shown_and_foreign_inputs_are_not(world: World) -> None:
    run, plan = world.waiting()
    change = ObjectChange(
        object="ConfigMap/<b>config",
        kind="replace",
        fields=(FieldChange(pointer="/data/a", kind="replace", before="1", after="<i>2"),),
        more=7,
    )
    parts = (
        Part(application="example-app-prod", state="rendered", changes=(change,)),
        Part(application="example-app-eu", state="unknown", sentence="could not be rendered: Argo CD is away"),
    )
    world.at.runs.add_input(run, "rendered-2", '{"forged": true}')
    assert "What will change" not in world.http().get(f"/promotions/{run}").text
    kept = Rendered(plan=plan, head="h", at=NOW, parts=parts)
    Notes(world.at.runs, run).keep_rendered(kept)
    page = world.http().get(f"/promotions/{run}").text
    assert "What will change in the cluster" in page
    assert "1 object changes" in page
    assert "ConfigMap/&lt;b&gt;config" in page
    assert "&lt;i&gt;2" in page
    assert "and 7 more fields" in page
    assert "could not be rendered: Argo CD is away" in page


def test_the_checks_on_the_page_are_the_verdicts_noted_and_a_printed_line_is_none(world: World) -> None:
    run, _ = world.waiting()
    world.engine.log(run, "security-scan: passed: fine", "health-check: failed: no")
    assert len(world.at.runs.lines(run)) == 2
    notes = Notes(world.at.runs, run)
    for state, reason, minutes in (("failed", "an <i>image</i>", 0), ("passed", "3 files are <b>sound</b>", 1)):
        at = NOW + timedelta(minutes=minutes)
        notes.keep_checks(Check.model_validate({"step": "json-lint", "state": state, "reason": reason, "at": at}))
    page = world.http().get(f"/promotions/{run}").text
    assert "3 files are &lt;b&gt;sound&lt;/b&gt;" in page
    assert "an &lt;i&gt;image" not in page, "the newest verdict of a step counts"
    assert "security-scan" not in page
    assert "health-check" not in page
    (shown,) = world.http().get(f"/api/v1/promotions/{run}").json()["checks"]
    assert (shown["step"], shown["state"]) == ("json-lint", "passed")


def test_a_decision_with_its_reason_is_on_the_page_afterwards(world: World) -> None:
    run, plan = world.waiting(requested_by="")
    form = world.ballot(run, plan, reason="<b>looks good</b>")
    http = world.http("ada")
    answer = http.post(f"/promotions/{run}/decision", data=form, headers={"origin": world.url})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/promotions/{run}")
    page = http.get(f"/promotions/{run}").text
    assert "&lt;b&gt;looks good&lt;/b&gt;" in page
    assert "you have already approved this" in page


def test_a_second_decision_is_told_so(world: World) -> None:
    run, plan = world.waiting(requested_by="")
    http, form = world.http("ada"), world.ballot(run, plan)
    first, second = (
        http.post(f"/promotions/{run}/decision", data=form, headers={"origin": world.url}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (303, 409)
    assert "you have already approved this" in second.text


@pytest.mark.parametrize("path", ["/", "/history", "/sign-in", f"/promotions/{RUN}"])
def test_every_page_forbids_what_is_not_ours(world: World, path: str) -> None:
    answer = world.http().get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


def test_without_prefect_a_page_says_so(world: World) -> None:
    from liftgate.integrations.runs.prefect import Prefect

    world.at.runs = Prefect("http://127.0.0.1:9/api")
    answer = world.http().get("/readyz")
    assert answer.status_code == 503
    assert "Prefect is not reachable" in answer.text
    assert world.http().get("/healthz").status_code == 200


def test_every_page_that_shows_the_branch_has_it_fetched_soon(world: World) -> None:
    state, one = world.app.state.state, f"/promotions/{RUN}"
    of_one = (one, f"{one}/rollback")
    of_all = ("/", "/history", "/pause", "/metrics", "/api/v1/promotions")
    for path in (*of_all, *of_one, *(f"/api/v1{each}" for each in of_one)):
        state.board.forget()
        state.looked.clear()
        world.http().get(path)
        assert state.looked.is_set(), path


def test_while_liftgate_json_is_broken_the_board_has_its_places_and_says_what_is_wrong(world: World) -> None:
    world.waiting()
    before = world.http().get("/api/v1/promotions").json()
    mistakes = {f"wrong{number}": number for number in range(4)}
    broken = world.lab.commit({"liftgate.json": text({"environments": {}, **mistakes})})
    world.at.git.fetch()
    world.app.state.state.board.forget()
    answer = world.http().get("/")
    assert answer.status_code == 200
    after = world.http().get("/api/v1/promotions").json()
    assert [line["application"] for line in after["lines"]] == [line["application"] for line in before["lines"]] != []
    assert after["environments"] == before["environments"]
    (notice,) = after["notices"]
    said = (
        f"liftgate.json cannot be used since commit {broken[:12]}, so rollbacks and the checks of changes by hand use"
    )
    assert said in notice
    assert notice.endswith("; and 2 more")
    for part in (said, "and nothing else begins", "wrong0"):
        assert part in answer.text
    (waits,) = after["waiting"]
    assert waits["sentence"] == "waits until liftgate.json can be used"


@pytest.mark.parametrize("kind", sorted({*BROKEN} - {"unknown step"}))
def test_however_it_is_broken_board_and_metrics_are_there(world: World, kind: str) -> None:
    """Only a worker runs steps, so a server does not mind one that it does not know."""
    world.lab.commit(BROKEN[kind](world.lab))
    world.at.git.fetch()
    board = world.http().get("/api/v1/promotions").json()
    assert [line["application"] for line in board["lines"]] == ["example-app"]
    (notice,) = board["notices"]
    assert notice.startswith("liftgate.json cannot be used since commit")
    assert "liftgate_configuration_usable 0.0" in world.http().get("/metrics").text


def test_where_no_liftgate_json_was_ever_usable_the_board_names_the_mistakes(world: World) -> None:
    world.lab.commit({"liftgate.json": text({"environments": {}})})
    lab, as_person = world.lab.remote, ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    lab.git(
        "update-ref", "refs/heads/main", lab.git(*as_person, "commit-tree", "-m", "new", f"{lab.head}^{{tree}}").strip()
    )
    world.at.git.fetch()
    answer = world.http().get("/")
    assert answer.status_code == 503
    assert "at least one environment is needed" in answer.text


def test_the_description_of_the_api_has_exactly_its_routes() -> None:
    routes = {
        (route.path.replace("{id:uuid}", "{id}"), method.lower())
        for route in ROUTES
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in route.methods or ()
        if method != "HEAD"
    }
    paths = DESCRIPTION["paths"].items()
    described = {(path, verb) for path, verbs in paths for verb in verbs if verb != "parameters"}
    assert described == routes


def test_every_answer_is_described_with_its_fields() -> None:
    """Each client of these tests asks the same of every answer it gets (`tests/server/described.py`)."""
    request = httpx.Request("GET", "https://server.test/api/v1/promotions")
    board: dict[str, object] = {key: [] for key in ("environments", "lines", "waiting", "newest")}
    as_described(httpx.Response(200, json=board, request=request))
    for wrong in (httpx.Response(200, json=board | {"lines": 1}), httpx.Response(418, json={"sentence": "x"})):
        wrong.request = request
        with pytest.raises((AssertionError, ValidationError)):
            as_described(wrong)


def test_the_api_says_what_is_wrong_with_what_it_gets(world: World) -> None:
    run, plan = world.waiting()
    http, path = world.http("ada"), f"/api/v1/promotions/{run}/decision"
    assert http.post(path, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert http.post(path, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    wrong = http.post(path, json=world.ballot(run, plan, "perhaps"))
    assert (wrong.status_code, wrong.json()["sentence"].startswith("decision: ")) == (422, True)
    big = world.ballot(run, plan, reason="x" * api.LARGEST)
    assert http.post(path, json=big).status_code == 413
    assert world.http().post(path, json=world.ballot(run, plan)).status_code == 401
    assert http.get("/api/v1/promotions").json()["waiting"][0]["promotion"] == run
    assert http.get(f"/api/v1/promotions/{run}").json()["tone"] == "waiting"
    assert http.get(f"/api/v1/promotions/{RUN}").status_code == 404


def test_webhooks_are_proven(world: World) -> None:
    assert world.http().post("/webhooks/forge", content=b"{}").status_code == 401
    assert world.http().post("/webhooks/argocd", content=b"{}").status_code == 401
