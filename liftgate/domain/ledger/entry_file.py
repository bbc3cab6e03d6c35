"""What an outcome says of one values file."""

from __future__ import annotations

from liftgate.domain.common.value import Value


class EntryFile(Value):
    """One values file of an outcome."""

    file: str = ""
    """Its name, the same in all environments; empty for the only file of an application."""
    path: str = ""
    """The environment's file at that time; empty if it has none."""
    source_path: str = ""
    """The file that the release was read from, at the commit `source`; empty if the release has none."""
    source_blob: str = ""
    """Id of that file's content."""
