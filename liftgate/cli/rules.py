"""Write Prometheus' alerting rules for what `monitoring` of liftgate.json asks for.

They are over the metrics of the gatehouse's /metrics, so Prometheus must scrape that. Every alert has an annotation
`runbook_url`: give the address at which your people read docs/runbook.md.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

import yaml

from liftgate.cli.answer import Answer
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.alert_rules import RUNBOOK, alert_rules

KEYS: Final = {"groups": "list of {name, rules: list of {alert, expr, labels, annotations, for}}"}
_HEAD: Final = "# Made by `liftgate rules` from liftgate.json; check it with: promtool check rules FILE\n"


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--runbook", metavar="URL", default=RUNBOOK, help=f"where people read the runbook ({RUNBOOK})")


def run(given: Any) -> Answer:
    rules = alert_rules(Clone(given.repo).tree.configuration.monitoring, given.runbook)
    text = _HEAD + yaml.safe_dump(rules, sort_keys=False, width=120, allow_unicode=True)
    return Answer(text.rstrip("\n"), rules)
