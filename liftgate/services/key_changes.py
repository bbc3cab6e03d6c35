"""A change of the keys that sign commits: of no environment, and decisive for each that requires signatures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from liftgate.domain.commits.judged_commit import signatures_verdict
from liftgate.domain.common.verdict import Finding
from liftgate.domain.common.words import in_words
from liftgate.integrations.git.commit_keys import KEY_PATHS
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.signatures import Accounts, Range, judge_range

RULE: Final = "signatures"


def unsigned_keys(
    tree: ConfigSnapshot, forge: Accounts, before: str, newest: str, paths: Iterable[str], judged: Collection[str]
) -> tuple[Finding, ...]:
    """A finding for a commit of the keys that is not signed as an environment requires. `judged`: environments that the
    change touches, whose gates say it already. Raises Unavailable, Misconfigured."""
    configuration = tree.configuration
    asking = [name for name in configuration.order if configuration.policy_of(name).signatures == "required"]
    changed = next((path for path in paths if path.startswith(KEY_PATHS)), "")
    if not changed or not asking or not {*asking}.isdisjoint(judged):
        return ()
    verdict = signatures_verdict(judge_range(tree, forge, Range(before, newest, KEY_PATHS)), "required", asking[0])
    if not verdict.failed:
        return ()
    needs = "requires" if len(asking) == 1 else "require"
    return (Finding(place=changed, rule=RULE, message=f"{in_words(asking)} {needs} signed commits: {verdict.reason}"),)
