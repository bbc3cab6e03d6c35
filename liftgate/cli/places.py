"""Which application is in which environment, from `liftgate.json` and the files of a clone."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.argocd.sync_waves import names as flat
from liftgate.domain.manifests import files as manifests_files
from liftgate.domain.manifests.place import Place
from liftgate.integrations.git.config_snapshot import ConfigSnapshot


def places(tree: ConfigSnapshot, have: Mapping[str, bytes], render: str = "") -> list[Place]:
    """Each application, in each environment that has values for it."""
    helm = render == "helm" or (not render and manifests_files.has_chart(have))
    alone = len(tree.applications) == 1
    files = {
        (name, environment): tuple(path for path in tree.paths(name, environment).values() if path in have)
        for name in tree.applications
        for environment in tree.configuration.order
    }
    return [
        Place(
            application=name,
            environment=environment,
            pattern=pattern,
            root=tree.configuration.environments[environment],
            own_folder=application.own_folder(tree.configuration.environments[environment], environment),
            files=files[name, environment],
            chart=manifests_files.chart_of(name, have, alone=alone) if helm else "",
        )
        for name, application in tree.applications.items()
        for environment in tree.configuration.order
        if files[name, environment]
        for pattern in flat(application.argocd)
    ]
