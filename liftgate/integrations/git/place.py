"""What a commit holds in one place of the board."""

from __future__ import annotations

from liftgate.domain.board import There
from liftgate.errors import LiftgateError
from liftgate.integrations.git.tree import Tree


def there(tree: Tree, application: str, environment: str) -> There:
    """Never raises for values that cannot be read: that is what the place then says."""
    try:
        file = tree.values(application, environment)
        release = tree.release_at(application, tree.commit, file.path) if file else None
    except LiftgateError as error:
        return There(application=application, environment=environment, trouble=str(error))
    version, identity = (release.version, release.id) if release else ("", "")
    return There(application=application, environment=environment, version=version, release=identity)
