"""Files and folders of a commit."""

from __future__ import annotations

import base64
from typing import Any

from liftgate_sandbox.forge.api.call import Call, Reply, not_found
from liftgate_sandbox.forge.shapes import people


def get(call: Call) -> Reply:
    """A file with its content, or the list of a folder, at `ref`."""
    ref = call.query.get("ref") or call.repository.default_branch
    commit = call.bare.resolve(ref)
    path = call.path["path"].strip("/")
    if commit is None:
        raise not_found()
    kind = call.bare.call("cat-file", "-t", f"{commit}:{path}").stdout.decode().strip()
    if kind == "blob":
        entry = _entries(call, commit, path, ref)[0]
        content = call.bare.call("cat-file", "blob", entry["sha"]).stdout
        return Reply({**entry, "encoding": "base64", "content": base64.encodebytes(content).decode()})
    if kind == "tree":
        return Reply(_entries(call, commit, f"{path}/" if path else "", ref))
    raise not_found()


def _entries(call: Call, commit: str, path: str, ref: str) -> list[dict[str, Any]]:
    listed = call.bare.run("ls-tree", "-z", "--long", commit, *([path] if path else []))
    return [_entry(call, line, ref) for line in listed.split("\0") if line]


def _entry(call: Call, line: str, ref: str) -> dict[str, Any]:
    described, _, path = line.partition("\t")
    _, kind, sha, size = described.split()
    url = f"{people.api(call.core, call.repository)}/contents/{path}?ref={ref}"
    page = f"{people.html(call.core, call.repository)}/blob/{ref}/{path}"
    git_url = f"{people.api(call.core, call.repository)}/git/{kind}s/{sha}"
    return {
        "type": "file" if kind == "blob" else "dir",
        "size": int(size) if size.isdigit() else 0,
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "url": url,
        "git_url": git_url,
        "html_url": page,
        "download_url": None,
        "_links": {"self": url, "git": git_url, "html": page},
    }
