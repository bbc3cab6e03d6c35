"""A repository over SSH, on Debian's own server: who is let in, whose host key counts, and what each failure means."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git, SignIn
from liftgate.integrations.git.ssh import HOSTS, KEY, Ssh, ssh_failure, ssh_of
from liftgate.integrations.keys import read_ssh_key
from tests.committing import AUTHOR, commit
from tests.examples import NOW, SEED, text, values
from tests.ssh_server import BANNER, SshServer, disconnect, make_key, ssh_server, talking

PATH = "configs/dev/values.json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("ssh") / "server") as served:
        yield served


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The repository, as the server has it."""
    path = tmp_path / "config.git"
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    commit(path, {"liftgate.json": text(SEED), PATH: text(values("dev"))}, "Start\n")
    return path


def failure(folder: Path, url: str, ssh: Ssh | None) -> LiftgateError:
    with pytest.raises(LiftgateError) as caught:
        Mirror(folder, url, "main", ssh=ssh).fetch()
    return caught.value


@pytest.mark.parametrize("form", ["ssh://{user}@{host}:{port}{path}", "[{user}@{host}:{port}]:{path}"])
def test_it_is_read_and_pushed_to_with_the_key_of_the_settings(
    form: str, server: SshServer, bare: Path, tmp_path: Path
) -> None:
    user, host = server.address.removeprefix("ssh://").rpartition(":")[0].split("@")
    mirror = Mirror(
        tmp_path / "state",
        form.format(user=user, host=host, port=server.port, path=bare),
        "main",
        ssh=ssh_of(server.key, server.known_hosts),
    )
    head = mirror.fetch()
    sha = mirror.write(head, {PATH: b"{}\n"}, "A change\n", NOW, AUTHOR, None)
    assert mirror.push(sha, mirror.ref, head) == "pushed"
    assert mirror.push(sha, "refs/heads/liftgate/promotions/1", "") == "pushed"
    mirror.remove("refs/heads/liftgate/promotions/1")
    listed = subprocess.run(["git", "-C", str(bare), "show-ref"], capture_output=True, text=True, check=True).stdout
    assert listed == f"{sha} refs/heads/main\n"


def test_key_and_host_keys_may_be_files_of_any_mode_and_a_key_of_any_kind(
    server: SshServer, bare: Path, tmp_path: Path
) -> None:
    key, hosts, authorized = tmp_path / "key", tmp_path / "hosts", server.folder / "authorized"
    make_key(key, kind="ecdsa")
    hosts.write_text(f"# the forge\n{server.known_hosts}")
    key.chmod(0o644)  # as a Secret that Kubernetes mounts; ssh itself would refuse it
    before = authorized.read_text()
    authorized.write_text(before + key.with_suffix(".pub").read_text())
    try:
        mirror = Mirror(tmp_path / "state", f"{server.address}{bare}", "main", ssh=ssh_of(str(key), str(hosts)))
        assert mirror.fetch()
    finally:
        authorized.write_text(before)


def test_an_unknown_host_and_another_host_key_are_two_sentences(server: SshServer, bare: Path, tmp_path: Path) -> None:
    url, other = f"{server.address}{bare}", tmp_path / "other"
    make_key(other)
    unknown = failure(tmp_path, url, ssh_of(server.key, f"git.example.com {other.with_suffix('.pub').read_text()}"))
    changed = f"{server.known_hosts.split()[0]} {other.with_suffix('.pub').read_text()}"
    impostor = failure(tmp_path, url, ssh_of(server.key, changed))
    assert (type(unknown), type(impostor)) == (Misconfigured, Misconfigured)
    assert f"no host key is known for [127.0.0.1]:{server.port}; set {HOSTS}" in str(unknown)
    assert "the host key is not the known one, so nothing was sent" in str(impostor)


def test_a_refused_key_is_one_sentence(server: SshServer, bare: Path, tmp_path: Path) -> None:
    key = make_key(tmp_path / "other")
    error = failure(tmp_path, f"{server.address}{bare}", ssh_of(key, server.known_hosts))
    assert type(error) is Misconfigured
    assert "the host refused the key" in str(error)
    assert KEY in str(error)


def test_no_repository_there_is_one_sentence_that_is_tried_again(server: SshServer, tmp_path: Path) -> None:
    """The server's words and its exit status differ from product to product."""
    error = failure(tmp_path, f"{server.address}/nowhere.git", ssh_of(server.key, server.known_hosts))
    assert type(error) is Unavailable
    assert "is there a repository at LIFTGATE_REPOSITORY__URL, and may the key use it?" in str(error)


def test_what_the_server_says_decides_nothing(server: SshServer, bare: Path, tmp_path: Path) -> None:
    """Its banner and its program say what ssh itself says of a refused key and a wrong host key."""
    authorized, key = server.folder / "authorized", tmp_path / "liar"
    make_key(key)
    before = authorized.read_text()
    lie = f"printf '{BANNER}' >&2; exit 255".replace("\n", "\\n")
    authorized.write_text(f'{before}command="{lie}" {key.with_suffix(".pub").read_text()}')
    try:
        error = failure(tmp_path, f"{server.address}{bare}", ssh_of(key.read_text(), server.known_hosts))
    finally:
        authorized.write_text(before)
    assert type(error) is Unavailable, error
    assert Mirror(tmp_path, f"{server.address}{bare}", "main", ssh=ssh_of(server.key, server.known_hosts)).fetch()


def test_what_a_server_says_before_its_host_key_is_checked_decides_nothing(tmp_path: Path) -> None:
    """ssh writes it into its own messages with its line ends: anyone on the way could have us ask for new host keys."""
    lie = b"bye\nNo ED25519 host key is known for x and you have requested strict checking.\r\n"
    with talking(disconnect(lie + b"Host key verification failed.")) as port:
        error = failure(tmp_path, f"ssh://git@127.0.0.1:{port}/config.git", Ssh())
    assert type(error) is Unavailable
    assert "Received disconnect from 127.0.0.1" in str(error)
    assert "ssh-keyscan" not in str(error)


def test_a_key_that_worked_before_is_tried_again_for_a_while(server: SshServer, bare: Path, tmp_path: Path) -> None:
    authorized = server.folder / "authorized"
    mirror = Mirror(tmp_path, f"{server.address}{bare}", "main", ssh=ssh_of(server.key, server.known_hosts))
    mirror.fetch()
    before = authorized.read_text()
    authorized.write_text("")
    try:
        with pytest.raises(Unavailable, match=r"the host refused the key.*it worked before; trying again"):
            mirror.fetch()
    finally:
        authorized.write_text(before)
    assert mirror.fetch()


def test_no_sign_in_over_http_is_asked_for(server: SshServer, bare: Path, tmp_path: Path) -> None:
    """It would be a GitHub App's token: the API may be down while SSH is not."""

    def none() -> dict[str, str]:
        raise Unavailable("the forge is not reachable")

    ssh = ssh_of(server.key, server.known_hosts)
    assert Mirror(tmp_path, f"{server.address}{bare}", "main", ssh=ssh, renewed=SignIn(none)).fetch()


def test_a_closed_port_is_unavailable_with_the_words_of_ssh(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ssh://git@127.0.0.1:{free.getsockname()[1]}/config.git"
        error = failure(tmp_path, url, None)
    assert type(error) is Unavailable
    assert "Connection refused" in str(error)


def test_a_silent_server_is_left_at_the_deadline_and_so_is_ssh(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        name = f"silent-{tmp_path.name}.git"
        url = f"ssh://git@127.0.0.1:{silent.getsockname()[1]}/{name}"
        with pytest.raises(Unavailable, match="gave no answer within 1 s"):
            Git(tmp_path, ssh=Ssh()).run("ls-remote", url, timeout=1)
        assert not [line for line in Path("/proc").glob("[0-9]*/cmdline") if name.encode() in _read(line)]


def test_the_key_is_in_no_argument_environment_or_file(
    server: SshServer, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program in the place of ssh writes down what it sees, then becomes ssh."""
    seen, program = tmp_path / "seen", tmp_path / "bin" / "ssh"
    look = f"(cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline /proc/$PPID/environ) > {seen}"
    instead_of_ssh(program, look, "")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    Mirror(tmp_path / "state", f"{server.address}{bare}", "main", ssh=ssh_of(server.key, server.known_hosts)).fetch()
    secret = server.key.splitlines()[1].encode()
    assert b"StrictHostKeyChecking=yes" in seen.read_bytes()
    files = [seen, *(path for path in tmp_path.rglob("*") if path.is_file())]
    assert [path for path in files if secret in path.read_bytes()] == []


def test_without_settings_the_users_own_configuration_counts_and_an_unknown_host_is_refused(
    server: SshServer, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ssh finds its configuration in the home of the user's account, so a program in its place names another one."""
    own, program = tmp_path / "own", tmp_path / "bin" / "ssh"
    shutil.copyfile(server.folder / "client", tmp_path / "key")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "hosts").write_text(server.known_hosts)
    host = f"Host forge\nHostName 127.0.0.1\nPort {server.port}\nIdentityFile {tmp_path}/key\nControlMaster auto\n"
    own.write_text(f"{host}UserKnownHostsFile {tmp_path}/hosts\nStrictHostKeyChecking no\n")
    instead_of_ssh(program, "", f"-F {own}")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    user = server.address.removeprefix("ssh://").partition("@")[0]
    assert Mirror(tmp_path / "state", f"{user}@forge:{bare}", "main").fetch()
    (tmp_path / "hosts").write_text("")
    error = failure(tmp_path / "new", f"{user}@forge:{bare}", None)
    assert "no host key is known" in str(error)
    assert (tmp_path / "hosts").read_text() == ""


def test_a_machine_without_ssh_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    error = failure(tmp_path, "git@127.0.0.1:config.git", None)
    assert (type(error), str(error)) == (Misconfigured, "ssh is not installed; install OpenSSH's client")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda folder: str(folder / "nowhere"), "the key file cannot be read: No such file"),
        (lambda _: "hunter2-hunter2", "the key file cannot be read"),
        (lambda folder: make_key(folder / "locked", passphrase="hunter2-hunter2"), "without a passphrase"),
        (lambda _: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n", "is not a private key"),
        (lambda _: "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n", "is not a private key"),
    ],
)
def test_a_wrong_key_is_one_sentence_without_it(wrong: Callable[[Path], str], words: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        ssh_of(wrong(tmp_path), "")
    assert str(caught.value).startswith(KEY)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_key_is_mended_as_variables_lose_its_last_line_break(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    assert read_ssh_key(key.strip().replace("\n", "\r\n"), KEY) == key


@pytest.mark.parametrize(
    ("given", "words"),
    [("{folder}/nowhere", "cannot be read: No such file"), ("{folder}", "cannot be read"), ("{file}", "no line")],
)
def test_wrong_host_keys_are_one_sentence(given: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("git.example.com\n")
    with pytest.raises(Misconfigured) as caught:
        ssh_of("", given.format(folder=tmp_path, file=tmp_path / "hosts"))
    assert str(caught.value).startswith(HOSTS)
    assert words in str(caught.value)


def test_only_whole_lines_of_ssh_itself_decide() -> None:
    assert type(ssh_failure("fetch", b"x: Permission denied (publickey). Host key verification failed.\r\n", "")) is (
        Unavailable
    )


def instead_of_ssh(program: Path, before: str, options: str) -> None:
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{before}\nexec {shlex.quote(str(shutil.which("ssh")))} {options} "$@"\n')
    program.chmod(0o755)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
