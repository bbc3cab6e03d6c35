"""Templates for a new configuration repository, with placeholders like `@application@`."""

from importlib.resources import files


def templates() -> dict[str, str]:
    """The texts of this folder by file name."""
    found = (file for file in files(__name__).iterdir() if file.name.endswith(".yaml"))
    return {file.name: file.read_text() for file in found}
