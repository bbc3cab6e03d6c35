"""Cuts GitHub's OpenAPI descriptions to the requests that Liftgate sends: `python -m tools.github_openapi FILE…`.

The files are `generated/api.github.com.deref.json` and the newest `generated/ghes-….deref.json` (GitHub Enterprise
Server) of the npm package `@octokit/openapi` (MIT).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

TO: Final = Path(__file__).resolve().parents[1] / "tests" / "cases" / "github-openapi"
_REPO: Final = "/repos/{owner}/{repo}"
OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "/app": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/apps/{app_slug}": ("get",),
    "/orgs/{org}/teams/{team_slug}": ("get",),
    "/user": ("get",),
    "/users/{username}": ("get",),
    "/users/{username}/ssh_signing_keys": ("get",),
    _REPO: ("get",),
    f"{_REPO}/branches/{{branch}}": ("get",),
    f"{_REPO}/branches/{{branch}}/protection": ("get",),
    f"{_REPO}/check-runs": ("post",),
    f"{_REPO}/check-runs/{{check_run_id}}": ("patch",),
    f"{_REPO}/codeowners/errors": ("get",),
    f"{_REPO}/commits/{{commit_sha}}/pulls": ("get",),
    f"{_REPO}/commits/{{ref}}/check-runs": ("get",),
    f"{_REPO}/commits/{{ref}}/status": ("get",),
    f"{_REPO}/git/refs/{{ref}}": ("delete",),
    f"{_REPO}/installation": ("get",),
    f"{_REPO}/issues/comments/{{comment_id}}": ("patch", "delete"),
    f"{_REPO}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{_REPO}/pulls": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}": ("get", "patch"),
    f"{_REPO}/pulls/{{pull_number}}/merge": ("put",),
    f"{_REPO}/pulls/{{pull_number}}/reviews": ("get",),
    f"{_REPO}/rules/branches/{{branch}}": ("get",),
    f"{_REPO}/rulesets": ("get", "post"),
    f"{_REPO}/rulesets/{{ruleset_id}}": ("get", "put"),
    f"{_REPO}/statuses/{{sha}}": ("post",),
}
_UNREAD: Final = ("description", "example", "examples", "title", "deprecated", "x-github", "externalDocs")


def main(*files: str) -> int:
    TO.mkdir(parents=True, exist_ok=True)
    for file in map(Path, files):
        product = file.name.removesuffix(".deref.json")
        to = TO / f"{product}.json"
        cut = _cut(product, json.loads(file.read_bytes()))
        to.write_text(json.dumps(cut, separators=(",", ":"), sort_keys=True) + "\n")
        print(f"{to.name}: {to.stat().st_size} bytes")
    return 0


def _cut(product: str, published: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": f"@octokit/openapi, {product}, {published['info']['version']}; MIT License, "
        "Copyright (c) 2020 Octokit contributors",
        "paths": {
            path: {method: _requests(published["paths"][path][method]) for method in methods}
            for path, methods in OPERATIONS.items()
        },
    }


def _requests(operation: Mapping[str, Any]) -> dict[str, Any]:
    """The names and schemas of the query, and the schema of the body."""
    query = {each["name"]: _schema(each["schema"]) for each in operation.get("parameters", ()) if each["in"] == "query"}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {"query": query} | ({"body": _schema(body)} if body else {})


def _schema(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema, without prose. A key that an object does not list is a mistake of ours."""
    if isinstance(schema, list):
        return [_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: {key: _schema(each) for key, each in value.items()} if name == "properties" else _schema(value)
        for name, value in schema.items()
        if name not in _UNREAD and name != "nullable"
    }
    if schema.get("nullable") and isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
        kept |= {"enum": [*kept["enum"], None]} if "enum" in kept else {}
    if "properties" in kept and kept.get("type") in ("object", ["object", "null"]):
        kept.setdefault("additionalProperties", False)
    return kept


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
