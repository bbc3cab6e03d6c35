"""The files of a new configuration repository; `@application@` and the like are filled in."""

from importlib.resources import files


def templates() -> dict[str, str]:
    """The texts of this folder by file name."""
    found = (file for file in files(__name__).iterdir() if file.name.endswith(".yaml"))
    return {file.name: file.read_text() for file in found}
