"""The number of requests that a server of the sandbox got."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.town import Town


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
