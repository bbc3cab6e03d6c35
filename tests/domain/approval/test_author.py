"""Which people wrote a change: by signature, account and e-mail address; the others are named as unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.author import Authors, Directory, Written, authors_of
from liftgate.domain.approval.policy import Person
from liftgate.domain.commits.credits import Credit, Credits, read_credits

PEOPLE = {
    "ada": Person(email="Ada@example.com", forge="ada-l"),
    "grace": Person(email="grace@example.com"),
    "twin": Person(email="grace@example.com"),
    "nameless": Person(),
}


def account(email: str) -> str:
    login, _, host = email.partition("@")
    return login if host == "forge.test" else ""


def commit(author: str, committer: str = "", *co_authors: str, signer: str = "") -> Written:
    said = [Credit(name=email.partition("@")[0], email=email) for email in (author, committer or author, *co_authors)]
    return Written(credits=Credits(author=said[0], committer=said[1], co_authors=tuple(said[2:])), signer=signer)


def found(*written: Written) -> Authors:
    directory = Directory.of(PEOPLE, lambda person: person.account("forge"))
    return authors_of(written, directory, account, "button")


def test_the_writers_of_all_commits_are_found_in_any_order() -> None:
    written = [
        commit("ada@example.com"),
        commit("tom@x"),
        commit("ann@x"),
        Written(requester="rosa"),
        Written(unknown="b"),
    ]
    assert found(*written).people == found(*reversed(written)).people == ("ada", "rosa")
    assert set(found(*written).unknown) == set(found(*reversed(written)).unknown) == {"tom <tom@x>", "ann <ann@x>", "b"}


@pytest.mark.parametrize(("count", "end"), [(3, "and c (not in people)"), (4, "and 1 more"), (5, "and 2 more")])
def test_some_unknown_writers_are_named_and_the_others_counted(count: int, end: str) -> None:
    assert str(Authors(unknown=tuple("abcde"[:count]))).endswith(end)


@pytest.mark.parametrize(
    ("written", "people", "unknown"),
    [
        (commit("ADA@EXAMPLE.COM"), ("ada",), ()),
        (commit("Ada-L@forge.test"), ("ada",), ()),
        (commit("grace@example.com"), ("grace", "twin"), ()),
        (commit("tom@x", "ada@example.com"), ("ada",), ("tom <tom@x>",)),
        (commit("tom@x", "tom@x", "ada@example.com"), ("ada",), ("tom <tom@x>",)),
        (commit("ada@home.test", signer="ada@example.com"), ("ada",), ()),
        (commit("tom@x", "ada@home.test", signer="ada@example.com"), ("ada",), ("tom <tom@x>",)),
        (commit("ada@home.test", signer="unknown@x"), (), ("ada <ada@home.test>",)),
        (commit("ada@example.com", "button@forge.test"), ("ada",), ()),
        (commit("button@forge.test"), (), ("button <button@forge.test>",)),
        (Written(requester="ada"), ("ada",), ()),
        (Written(unknown="someone"), (), ("someone",)),
        (Written(), (), ()),
        (commit(""), (), ("no name",)),
    ],
)
def test_a_commits_writers(written: Written, people: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert found(written) == found(written, written) == Authors(people=people, unknown=unknown)


BYTES = b"""tree 0
parent 1
author Ada L. <ada@example.com> 1 +0000
committer Grace\xff <grace@example.com> 1 +0000
gpgsig x
 author Evil <evil@x> 1 +0000

Change

author Evil <evil@x>
Co-authored-by: Tom <tom@x>
co-AUTHORED-by:  <only@mail>\r
Co-authored-by: no address
"""


def test_a_commit_object_is_read_as_git_reads_it() -> None:
    said = read_credits(BYTES)
    assert said.author == Credit(name="Ada L.", email="ada@example.com")
    assert said.committer == Credit(name="Grace\ufffd", email="grace@example.com")
    assert [str(each) for each in said.co_authors] == ["Tom <tom@x>", "<only@mail>", "no address"]


@given(some.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    assert all("\n" not in str(each) for each in read_credits(data).everyone)
    assert read_credits(b"author " + data.replace(b"\n", b"")).co_authors == ()


def test_two_unknown_people_of_one_name_are_both_named() -> None:
    assert found(commit("tom@x"), commit("tom@y")).unknown == ("tom <tom@x>", "tom <tom@y>")
