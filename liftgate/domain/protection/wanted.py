"""The rules that a pipeline's policy asks for, as rulesets."""

from __future__ import annotations

from typing import Final

from liftgate.domain.approval.change_gates import STATUS_CHECK
from liftgate.domain.approval.policy import Approvals
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.ruleset import HEADS, Actor, Rule, Ruleset

LEDGER: Final = "liftgate/ledger"
_WORKERS: Final = (LEDGER, "liftgate/promotions/**", "liftgate/preview/**")
"""What only the worker may push. People push pauses, with their own right: `liftgate/pause/…`."""


def wanted_rulesets(
    configuration: Configuration, branch: str, worker: tuple[Actor, ...], *, signatures: bool = False
) -> tuple[Ruleset, ...]:
    """`worker`: the accounts with which Liftgate pushes and merges. `signatures`: whether all commits must be signed.

    Rules that hold for the worker too are in rulesets of their own: a bypass is always for a whole ruleset.
    """
    history = [Rule(type="deletion"), Rule(type="non_fast_forward")]
    history += [Rule(type="required_signatures")] if signatures else []
    return (
        Ruleset(name=f"Liftgate: {branch}", include=(HEADS + branch,), rules=tuple(history)),
        Ruleset(
            name=f"Liftgate: changes of {branch}",
            include=(HEADS + branch,),
            rules=(_reviewed(configuration), _checked()),
            bypass=worker if pushes(configuration) else (),
            may_bypass=worker,
        ),
        Ruleset(
            name="Liftgate: ledger",
            include=(HEADS + LEDGER,),
            rules=(Rule(type="deletion"), Rule(type="non_fast_forward")),
        ),
        Ruleset(
            name="Liftgate: branches of the worker",
            include=tuple(HEADS + each for each in _WORKERS),
            rules=(Rule(type="creation"), Rule(type="update"), Rule(type="deletion")),
            bypass=worker,
        ),
    )


def asks_for_signatures(configuration: Configuration) -> bool:
    """A branch has all environments, so one that asks for signed commits asks for those of all."""
    policies = map(configuration.policy_of, configuration.order)
    return any(policy.signatures == "required" for policy in policies)


def pushes(configuration: Configuration) -> bool:
    """Whether the worker commits to the branch without a pull request."""
    return any(configuration.policy_of(name).deliver == "push" for name in configuration.order)


def approvals_of(configuration: Configuration, environment: str) -> Approvals:
    return configuration.policy_of(environment).approvals or Approvals()


def _reviewed(configuration: Configuration) -> Rule:
    """A number of reviews holds for the whole branch, so it is the lowest of all environments: code owners and the
    check ask for the rest where an environment needs more."""
    needed = [approvals_of(configuration, name) for name in configuration.order]
    return Rule(
        type="pull_request",
        parameters={
            "required_approving_review_count": min(each.needed for each in needed),
            "require_code_owner_review": any(each.needed and each.people for each in needed),
            "dismiss_stale_reviews_on_push": True,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        },
    )


def _checked() -> Rule:
    checks = [{"context": STATUS_CHECK}]
    return Rule(
        type="required_status_checks",
        parameters={"required_status_checks": checks, "strict_required_status_checks_policy": False},
    )
