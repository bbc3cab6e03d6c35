"""With the settings of a server that Liftgate starts: make runs 40 days older in its database, and vacuum it once.

`python -m tests.runtime.vacuum_program RUN …` prints what the server's vacuum removes, and after how many days.
"""

from __future__ import annotations

import asyncio
import json
import sys

import sqlalchemy as sa
from prefect.server.database import provide_database_interface
from prefect.server.services.db_vacuum import vacuum_old_flow_runs
from prefect.settings.context import get_current_settings

OLDER = """
    UPDATE flow_run SET created = created - interval '40 days', start_time = start_time - interval '40 days',
    end_time = end_time - interval '40 days', expected_start_time = expected_start_time - interval '40 days'
    WHERE id::text IN :runs
"""


async def main(runs: list[str]) -> None:
    db = provide_database_interface()
    statement = sa.text(OLDER)
    async with db.session_context(begin_transaction=True) as session:
        await session.execute(statement.bindparams(sa.bindparam("runs", runs, expanding=True)))
    await vacuum_old_flow_runs(db=db)
    settings = get_current_settings().server.services.db_vacuum
    told = {"removes": sorted(settings.enabled_vacuum_types), "days": settings.retention_period.days}
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
