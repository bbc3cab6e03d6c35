"""The real sops with real keys: what a plan leaves decryptable, what the gate stops, what key holders are told."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from liftgate.domain.common.verdict import Verdict
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.planning.plan import Plan, Target, make_update
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.sops import sops_gate
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.secrets.sops import Sops
from liftgate.steps import sops_decrypt
from liftgate.steps.context import Context, StepCapabilities
from tests.integrations.secrets.conftest import Place, key_of
from tests.one_file import apply_plan, fix, make_plan

NEW = {"application": {"name": "shop", "version": "1.1.0", "limits": {"cpu": 2}}}


def promoted(place: Place, release: Any = NEW) -> Plan:
    target = Target(environment="prod", path=place.path("prod"), blob="b", data=place.read("prod"))
    released = fix("shop", "abc", "configs/base/values.json", release, Rules())
    return make_plan(released, base=None, target=target, rules=Rules(), policy_hash="")


def holder(environment: str) -> Sops:
    return Sops({"SOPS_AGE_KEY": key_of(environment).secret})


def test_a_plan_changes_plain_values_without_a_key_and_the_file_stays_valid(place: Place) -> None:
    before = place.put("prod")
    after = apply_plan(promoted(place), before, "b")
    assert after != before
    place.write("prod", after)
    plain = place.decrypted("prod")["application"]
    assert (plain["version"], plain["limits"]) == ("1.1.0", {"cpu": 2})
    assert plain["environment"]["configs"]["db"]["password"] == "hunter2"
    assert sops_gate(read_json(after), place.path("prod"), place.sops) == []


def test_an_update_changes_plain_values_without_a_key_too(place: Place) -> None:
    target = Target(environment="prod", path=place.path("prod"), blob="b", data=place.put("prod"))
    plan = make_update("shop", target=target, changes={"/application/note": "é"}, rules=Rules(), policy_hash="")
    place.write("prod", apply_plan(plan, target.data, "b"))
    assert place.decrypted("prod")["application"]["note"] == "é"


def test_a_file_with_a_mac_over_everything_is_refused_and_the_sentence_says_how_to_convert_it(place: Place) -> None:
    place.configure(place.rule("prod", mac_only_encrypted=False))
    place.put("prod")
    with pytest.raises(Refused) as refusal:
        promoted(place)
    place.configure(place.rule("prod"))
    command = str(refusal.value).rpartition("key runs: ")[2]
    assert place.shell(command, key="prod").returncode == 0
    place.write("prod", apply_plan(promoted(place), place.read("prod"), "b"))
    assert place.decrypted("prod")["application"]["version"] == "1.1.0"
    assert sorted(path.name for path in (place.folder / "configs/prod").iterdir()) == ["values.json"]


def test_the_command_beside_a_missing_secret_is_the_one_that_sets_it(place: Place) -> None:
    place.put("prod", {"application": {"name": "shop", "version": "1.0.0"}})
    dev = read_json(place.put("dev")).value
    (row,) = promoted(place, dev).blocking
    assert row.sentence.startswith("prod must define its own")
    assert place.shell(row.command, key="prod", given='"prod-only"').returncode == 0
    assert place.decrypted("prod")["application"]["environment"]["configs"]["db"]["password"] == "prod-only"
    assert promoted(place, dev).blocking == ()
    assert sops_gate(read_json(place.read("prod")), place.path("prod"), place.sops) == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_only_the_environments_own_key_decrypts(place: Place, environment: str) -> None:
    why = holder(environment).refusal(place.path("prod"), place.put("prod"), 30)
    assert why == (
        ""
        if environment == "prod"
        else "configs/prod/values.json cannot be decrypted: the worker's key is none of its recipients"
    )


@pytest.mark.parametrize(
    ("tampered", "sentence"),
    [
        (lambda file, _: set_password(file, "hunter2-plain"), "a value cannot be decrypted"),
        (lambda file, other: set_password(file, password(other)), "a value cannot be decrypted"),
        (lambda file, _: del_password(file), "its MAC does not fit"),
        (lambda file, _: file | {"sops": file["sops"] | {"lastmodified": "2020-01-01T00:00:00Z"}}, "its MAC"),
        (lambda *_: {"application": {}}, "it is no file that sops can read"),
    ],
)
def test_what_was_tampered_with_is_told_in_a_sentence_without_any_value(
    place: Place, tampered: Any, sentence: str
) -> None:
    file, other = json.loads(place.put("prod")), json.loads(place.put("dev"))
    why = holder("prod").refusal(place.path("prod"), json.dumps(tampered(file, other)).encode(), 30)
    assert sentence in why
    assert "hunter2" not in why


def test_a_key_from_a_file_and_a_deadline(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text(key_of("prod").secret + "\n")
    sops, data = Sops({"SOPS_AGE_KEY_FILE": str(file)}), place.put("prod")
    assert sops.refusal(place.path("prod"), data, 30) == ""
    with pytest.raises(Unavailable, match="within 0 s"):
        sops.refusal(place.path("prod"), data, 0)


def decided(place: Place, data: bytes, sops: Sops | None) -> Verdict:
    capabilities = StepCapabilities(refusal=sops.refusal if sops else None)
    return sops_decrypt.run(
        Context(
            application="shop",
            environment="prod",
            path=place.path("prod"),
            data=data,
            sops=place.sops,
            capabilities=capabilities,
        )
    )


def test_the_step_passes_with_the_key_and_is_not_configured_without(place: Place) -> None:
    data = place.put("prod")
    assert decided(place, data, holder("prod")).passed
    assert decided(place, data, holder("dev")).failed
    assert decided(place, data, None).state == "not configured"
    assert decided(place, b'{"application": {}}', None).passed
    assert decided(place, b"{", None).failed


def test_nothing_is_decrypted_of_a_file_that_names_an_address_of_its_own(place: Place) -> None:
    """sops itself sends the caller's token there: the same server hears it when sops is asked without the gate."""
    heard: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), listener(heard)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        evil = f"http://127.0.0.1:{server.server_port}"
        sops = Sops({"VAULT_TOKEN": "worker-token"})
        data = with_vault(place.put("prod"), evil)
        verdict = decided(place, data, sops)
        assert (verdict.state, heard) == ("failed", [])
        assert verdict.findings[0].rule == "sops-address"
        sops.refusal(place.path("prod"), data, 30)
        server.shutdown()
    assert "worker-token" in heard


@pytest.mark.parametrize("spelling", ["SOPS", "\u017fops"])
def test_sops_reads_its_block_under_other_spellings_and_the_gate_knows(place: Place, spelling: str) -> None:
    file = json.loads(place.put("prod"))
    data = json.dumps({spelling: file.pop("sops")} | file).encode()
    assert holder("prod").refusal(place.path("prod"), data, 30) == ""
    assert any(
        finding.rule == "sops-metadata" for finding in sops_gate(read_json(data), place.path("prod"), place.sops)
    )


def listener(heard: list[str]) -> type[BaseHTTPRequestHandler]:
    class Listener(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            heard.append(self.headers.get("X-Vault-Token", ""))
            self.send_error(403)

        def log_message(self, *_: Any) -> None:
            pass

    return Listener


def with_vault(data: bytes, address: str) -> bytes:
    file = json.loads(data)
    key = {"vault_address": address, "engine_path": "transit", "key_name": "k", "created_at": "2026-01-01T00:00:00Z"}
    file["sops"]["hc_vault"] = [key | {"enc": "vault:v1:AAAA"}]
    return json.dumps(file).encode()


def password(file: Any) -> str:
    return str(file["application"]["environment"]["configs"]["db"]["password"])


def set_password(file: Any, value: str) -> Any:
    file["application"]["environment"]["configs"]["db"]["password"] = value
    return file


def del_password(file: Any) -> Any:
    del file["application"]["environment"]["configs"]["db"]["password"]
    return file
