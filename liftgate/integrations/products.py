"""The products of each role: one line says where a product's code is, and it is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from liftgate.domain.common.names import host_of
from liftgate.domain.common.nearest import nearest
from liftgate.errors import Misconfigured

if TYPE_CHECKING:  # a table costs nothing to import: the command line reads it
    from liftgate.integrations.chat import Chat
    from liftgate.integrations.deployer import Deployer, Overview
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.deployer.rendering import Renderer
    from liftgate.integrations.forge import Forge
    from liftgate.integrations.identity import Identity
    from liftgate.integrations.metrics import Metrics
    from liftgate.integrations.secrets import Secrets

Role = TypeVar("Role")


@dataclass(frozen=True)
class Product(Generic[Role]):
    place: str
    """`module:class`. The class is called with what `wiring` gives the role's products."""
    about: str = ""
    """What it is for, in a few words, for people who choose."""
    hosts: tuple[str, ...] = ()
    """Public hosts at which, and below which, only this product is found."""

    @property
    def kind(self) -> type[Role]:
        module, _, name = self.place.partition(":")
        return cast("type[Role]", getattr(import_module(module), name))

    def made(self, **given: Any) -> Role:
        return self.kind(**given)


_OURS: Final = "liftgate.integrations"
PLAIN: Final = "git"
"""The name of a remote without a forge."""
FORGES: Final[dict[str, Product[Forge]]] = {
    PLAIN: Product(f"{_OURS}.forge.plain:PlainRemote", "a plain remote without pull requests"),
    "github": Product(f"{_OURS}.forge.github:GitHub", "pull requests and reviews", ("github.com", "ghe.com")),
}
"""By the name that `LIFTGATE_FORGE__KIND` and the accounts of `people` have for them."""
CHATS: Final[dict[str, Product[Chat]]] = {"slack": Product(f"{_OURS}.chat.slack:Slack")}
"""By the name that settings and the accounts of `people` have for them; of a role the first that is set up is used."""
LOG: Final[Product[Chat]] = Product(f"{_OURS}.chat.console:Console")
"""Where there is no chat."""
DEPLOYERS: Final[dict[str, Product[Deployer]]] = {"argocd": Product(f"{_OURS}.deployer.argocd:ArgoCD")}
LIVE: Final[dict[str, Product[Live]]] = {"argocd": Product(f"{_OURS}.deployer.argocd_reads:ArgoCDReads")}
RENDERERS: Final[dict[str, Product[Renderer]]] = {
    "argocd": Product(f"{_OURS}.deployer.argocd_manifests:ArgoCDManifests")
}
OVERVIEWS: Final[dict[str, Product[Overview]]] = {"argocd": Product(f"{_OURS}.deployer.argocd_list:ArgoCDList")}
"""A deployer's parts: the watch for drift and verification need no more of one than they use."""
METRICS: Final[dict[str, Product[Metrics]]] = {"prometheus": Product(f"{_OURS}.metrics.prometheus:Prometheus")}
IDENTITIES: Final[dict[str, Product[Identity]]] = {"oidc": Product(f"{_OURS}.identity.oidc:OpenIdConnect")}
"""By the name that the ids of `people` have for them."""
SECRETS: Final[dict[str, Product[Secrets]]] = {"sops": Product(f"{_OURS}.secrets.sops:Sops")}


def warm() -> None:
    """Import the products that a run may use, so that no run has to."""
    for listed in (FORGES, CHATS, DEPLOYERS, LIVE, RENDERERS, OVERVIEWS, METRICS, SECRETS):
        for product in listed.values():
            import_module(product.place.partition(":")[0])


def find_product(products: Mapping[str, Product[Role]], name: str, setting: str) -> Product[Role]:
    """Raises Misconfigured with the nearest right name for one that does not exist."""
    if name not in products:
        raise Misconfigured(f'{setting}: there is no product "{name}"; {nearest(name, products)}')
    return products[name]


def forge_of(url: str) -> str:
    """The forge that a repository's address tells by itself; else a plain remote."""
    host = host_of(url)
    at_host = (name for name, product in FORGES.items() for known in product.hosts if f".{host}".endswith(f".{known}"))
    return next(at_host, PLAIN)
