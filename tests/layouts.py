"""Small repositories that look like real ones, each with what `liftgate adopt` must make of it.

A file in `tests/cases/layouts/` is a case: `files` (an object is JSON, a text is itself; `link` makes a symbolic link),
`history` (commits of {path: {pointer: value}}; null removes), `release` (a last commit after the adoption) and
`expected`. `python -m tests.layouts` writes `expected` again; read the difference before you commit it.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from liftgate.cli.main import main as liftgate
from liftgate.domain.json_text.pointer import split

FOLDER: Final = Path(__file__).parent / "cases" / "layouts"
LINK: Final = "link "
"""Begins the text of a file that is a symbolic link."""
Run = Callable[..., Any]
"""Calls `liftgate` with arguments and returns (exit code, JSON)."""


def cases() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def read(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(case.read_text())
    return found


def make(case: Mapping[str, Any], folder: Path) -> None:
    """The repository with its history, checked out."""
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    files = dict(case["files"])
    stream = [_commit(files)]
    stream += [
        _commit({path: _changed(files, path, edits) for path, edits in changes.items()})
        for changes in case.get("history", [])
    ]
    _git(folder, "fast-import", "--quiet", stdin="".join(stream))
    _git(folder, "checkout", "-q", "-f", "main")


def observed(case: Mapping[str, Any], folder: Path, run: Run) -> dict[str, Any]:
    """What adopt, validate and plan make of it."""
    code, adopted = run("adopt", "--yes", "--json", "--repo", str(folder))
    if code:
        return {"code": code, "error": adopted["error"]["message"]}
    files = {path: json.loads((folder / path).read_text()) for path in case.get("release", {})}
    for path, edits in case.get("release", {}).items():
        text = json.dumps(_changed(files, path, edits), indent=2)
        (folder / path).write_text(text + "\n")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "Adopt Liftgate")
    validated, _ = run("validate", "--json", "--repo", str(folder))
    return {
        "environments": {each["name"]: each["path"] for each in adopted["environments"]},
        "applications": {each["name"]: each["values"] for each in adopted["applications"]},
        "policy": adopted["configuration"]["policy"],
        "rules": [f"{each['owner']} {each['pointer']}" for each in adopted["rules"]],
        "measured": adopted["measured"],
        "unsure": adopted["unsure"][:-2],
        "undecided": adopted["undecided"],
        "validate": validated,
        "plan": _plan(adopted, folder, run),
    } | _versions(adopted)


def _versions(adopted: Mapping[str, Any]) -> dict[str, Any]:
    """Of applications whose version is not at the usual place."""
    written = adopted["configuration"]["applications"]
    found = {name: each["version"] for name, each in written.items() if "version" in each}
    return {"versions": found} if found else {}


def _plan(adopted: Mapping[str, Any], folder: Path, run: Run) -> list[str]:
    """The rows of the first application's plan to the second environment."""
    name, target = adopted["applications"][0]["name"], adopted["environments"][1]["name"]
    code, plan = run("plan", name, "--to", target, "--json", "--repo", str(folder))
    if code:
        return [f"code {code}: {plan['error']['message']}"]
    return [" ".join((row["kind"], _where(row), row["before"], "->", row["after"])) for row in plan["rows"]]


def _where(row: Mapping[str, str]) -> str:
    return f"{row.get('file', '')} {row['pointer']}".strip()


def _changed(files: dict[str, Any], path: str, edits: Mapping[str, Any]) -> Any:
    value = json.loads(json.dumps(files.get(path, {})))
    for pointer, new in edits.items():
        *above, last = split(pointer)
        below = value
        for token in above:
            below = below[int(token)] if isinstance(below, list) else below.setdefault(token, {})
        if new is None:
            below.pop(last, None)
        else:
            below[last] = new
    files[path] = value
    return value


def _commit(files: Mapping[str, Any]) -> str:
    """In the language of git-fast-import(1)."""
    lines = ["commit refs/heads/main\ncommitter Ada <ada@example.com> 1764000000 +0000\ndata 1\nx\n"]
    for path, value in files.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        mode, content = ("120000", text.removeprefix(LINK)) if text.startswith(LINK) else ("100644", text)
        lines.append(f'M {mode} inline "{path}"\ndata {len(content.encode())}\n{content}\n')
    return "".join(lines) + "\n"


def _git(folder: Path, *arguments: str, stdin: str = "") -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], input=stdin, text=True, check=True, capture_output=True)


def _called(*arguments: str) -> tuple[int, Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        code = liftgate(list(arguments))
    return code, json.loads(printed.getvalue())


def main() -> None:
    for path in cases():
        case = read(path)
        with tempfile.TemporaryDirectory() as folder:
            make(case, Path(folder) / "shop-config")
            case["expected"] = observed(case, Path(folder) / "shop-config", _called)
        path.write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
