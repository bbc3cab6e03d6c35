"""The world moves on while a run is dead: runs that stop anywhere, what changes meanwhile, and what must hold after."""
