"""The number of requests that a server of the sandbox got."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.town import Town

from sandbox_tests.plain import eventually


def test_each_server_counts_its_own_requests_by_method(tmp_path: Path) -> None:
    with Town(tmp_path, ()) as town, httpx.Client(trust_env=False) as http:
        slack = town.urls["slack"]
        before = http.get(f"{slack}/sandbox/requests").json()
        http.get(f"{slack}/"), http.get(f"{slack}/nothing"), http.post(f"{slack}/api/auth.test")
        http.get(f"{town.urls['forge']}/")
        after = http.get(f"{slack}/sandbox/requests").json()
    assert {method: after[method] - before.get(method, 0) for method in after} == {"GET": 2, "POST": 1}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_asking_for_the_number_is_not_counted(tmp_path: Path, method: str) -> None:
    with Town(tmp_path, ()) as town, httpx.Client(trust_env=False) as http:
        for _ in range(3):
            found = http.request(method, f"{town.urls['slack']}/sandbox/requests").json()
    assert found == {}


def test_requests_of_git_count_by_its_user(tmp_path: Path) -> None:
    with Town(tmp_path, ()) as town, httpx.Client(trust_env=False) as http:
        forge = town.urls["forge"]
        before = http.get(f"{forge}/sandbox/requests").json()
        http.get(f"{town.repository_url}/info/refs?service=git-upload-pack", auth=("argocd", "token-of-argocd"))
        http.get(f"{forge}/", headers={"authorization": "Basic ?"})
        after = http.get(f"{forge}/sandbox/requests").json()
    assert {who: after[who] - before.get(who, 0) for who in after} == {"argocd GET": 1, "GET": 1}


def test_what_is_not_answered_yet_is_open(tmp_path: Path) -> None:
    with Town(tmp_path, ()) as town, httpx.Client(trust_env=False) as http, ThreadPoolExecutor() as pool:
        slack = town.urls["slack"]

        def still_open() -> int:
            found: int = http.get(f"{slack}/sandbox/open-requests").json()
            return found

        assert still_open() == 0
        http.post(f"{slack}/sandbox/faults", json={"fault": "slow", "seconds": 2})
        answer = pool.submit(httpx.post, f"{slack}/api/auth.test", trust_env=False)
        assert eventually(lambda: still_open() == 1)
        answer.result()
        assert eventually(lambda: still_open() == 0)
