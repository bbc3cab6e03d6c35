"""What lies between two commits, and the objects of one more ref, without the ref."""

from __future__ import annotations

from liftgate.integrations.git.span import changed_paths, fork_point, missing_objects
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR, Hosted


def test_the_fork_point_and_the_files_that_differ(hosted: Hosted) -> None:
    mirror = hosted.mirror("reader")
    start = mirror.fetch()
    mine = mirror.write(start, {"a.json": b"1", "configs/dev/values.json": None}, "Mine\n", NOW, AUTHOR, None)
    theirs = mirror.write(start, {"b.json": b"2"}, "Theirs\n", NOW, AUTHOR, None)
    assert fork_point(mirror, theirs, mine) == start
    assert sorted(changed_paths(mirror, start, mine)) == ["a.json", "configs/dev/values.json"]
    assert fork_point(mirror, theirs, mirror.write("", {"c": b"3"}, "Alone\n", NOW, AUTHOR, None)) == ""


def test_a_name_that_is_no_text_is_left_out(hosted: Hosted) -> None:
    mirror = hosted.mirror("reader")
    start = mirror.fetch()
    blob = mirror.git("hash-object", "-w", "--stdin", stdin=b"x")
    tree = mirror.git("mktree", "-z", stdin=b"100644 blob " + blob.encode() + b"\t\xff\0")
    odd = mirror.commit_tree(tree, [start], "Odd\n", NOW, AUTHOR, None)
    assert "liftgate.json" in changed_paths(mirror, start, odd)
    assert all(path.isascii() for path in changed_paths(mirror, start, odd))


def test_objects_come_without_a_ref_and_without_what_is_large(hosted: Hosted) -> None:
    author = hosted.mirror("author")
    files: dict[str, bytes | None] = {"small": b"1", "large": b"x" * 2_000_000}
    sha = author.write(author.fetch(), files, "Mine\n", NOW, AUTHOR, None)
    author.push(sha, "refs/heads/mine", "")
    mirror = hosted.mirror("reader")
    start, before = mirror.fetch(), mirror.git("for-each-ref")
    mirror.fetch_objects("refs/heads/mine")
    assert mirror.resolve(sha) == sha
    assert mirror.git("for-each-ref") == before
    assert missing_objects(mirror, start, sha) == {mirror.object_id(sha, "large")}
