"""Runs a program of the remote's, and adds to a file the seconds that it spent, and the seconds that this one spent.

`remote.origin.receivepack` of a mirror names it, so that what the remote does is told apart from what Liftgate does.
"""

import os
import resource
import sys

spent, *command = sys.argv[1:]
status = os.spawnvp(os.P_WAIT, command[0], command)
used = [sum(resource.getrusage(of)[:2]) for of in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
with open(spent, "a") as file:  # noqa: PTH123  pathlib takes longer to import than the rest
    print(*used, file=file)
os._exit(status)
