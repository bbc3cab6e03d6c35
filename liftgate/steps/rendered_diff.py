"""Show people what the commit would change in the cluster, and stop one that cannot be deployed before it is one."""

from __future__ import annotations

from liftgate.domain.common.markup import LONGEST
from liftgate.domain.common.verdict import Verdict, not_configured
from liftgate.domain.rendered import text as rendered_text
from liftgate.steps.context import Context


def run(context: Context) -> Verdict:
    """Failed when the commit does not render; where nothing can render it, that is said, and stops nothing.

    Raises Unavailable, Misconfigured.
    """
    rendered = context.capabilities.rendered(context.planned)
    if rendered is None:
        return not_configured("there is no Argo CD to render with")
    title = f"{context.title}: what will change in the cluster"
    context.capabilities.show("cluster", rendered_text.rendered_markdown(rendered, limit=LONGEST), title)
    print(rendered_text.rendered_terminal(rendered))
    return rendered_text.rendered_verdict(rendered)
