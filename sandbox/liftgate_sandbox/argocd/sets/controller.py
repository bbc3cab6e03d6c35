"""The ApplicationSet controller: makes, puts back and deletes the applications of each set."""

from __future__ import annotations

from liftgate_sandbox.argocd.applications import GIVEN, ask_to_go, create, is_going
from liftgate_sandbox.argocd.kube import HYDRATE, REFRESH, Object, annotations_of, copied
from liftgate_sandbox.argocd.sets.errors import ParamsError
from liftgate_sandbox.argocd.sets.status import resources, written
from liftgate_sandbox.argocd.sets.wanted import Wanted, wanted_by
from liftgate_sandbox.argocd.sources import Sources
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings

REFRESH_SET = "argocd.argoproj.io/application-set-refresh"
_OURS_TO_LEAVE = (REFRESH, HYDRATE)
_NEVER = float("inf")


class Sets:
    """Looks at a set when it, or one of its applications, was changed, when told to, and every three minutes."""

    def __init__(self, state: State, sources: Sources, timings: Timings) -> None:
        self._state, self._sources, self._timings = state, sources, timings
        self._due: dict[str, float] = dict.fromkeys(state.sets, state.clock())
        state.hearers.append(self._heard)

    def look(self, name: str) -> None:
        """Look at a set soon."""
        self._due[name] = min(self._due.get(name, _NEVER), self._state.clock() + self._timings.patch)
        self._state.wake.set()

    def put(self, made: Object) -> Object:
        """Store a set, new or changed; it is looked at if anything but its status changed."""
        name = made["metadata"]["name"]
        before = self._state.sets.get(name)
        made["metadata"]["resourceVersion"] = self._state.next_version()
        self._state.sets[name] = made
        if before is None or _asked(before) != _asked(made):
            made["metadata"]["generation"] += before is not None
            self.look(name)
        return made

    def delete(self, name: str) -> None:
        """Delete a set, and with it its applications."""
        del self._state.sets[name]
        self._due.pop(name, None)
        self._state.next_version()
        for app in self._applications(name):
            ask_to_go(self._state, app["metadata"]["name"])

    def tick(self) -> float:
        """Look at the sets that are due; when to look again."""
        now = self._state.clock()
        with self._state.lock:
            due = [name for name, at in self._due.items() if at <= now]
            self._due |= dict.fromkeys(due, now + self._timings.set_poll)
            looks = [copied(self._state.sets[name]) for name in due]
        for made in looks:
            self._look(made["metadata"]["name"], made)
        return min(list(self._due.values()), default=_NEVER)

    def _look(self, name: str, made: Object) -> None:
        # Not under the lock: git may take its time, and meanwhile the set may have been deleted.
        try:
            wanted, reason = wanted_by(self._sources, made), "ApplicationValidationError"
        except ParamsError as error:
            wanted, reason = Wanted({}, str(error), halts=True), "ApplicationGenerationFromParamsError"
        with self._state.lock:
            if name in self._state.sets:
                if not wanted.halts:
                    self._carry_out(name, wanted)
                self._report(made, wanted, reason)

    def _carry_out(self, name: str, wanted: Wanted) -> None:
        have = {app["metadata"]["name"]: app for app in self._applications(name)}
        for one, app in wanted.applications.items():
            if one not in have:
                create(self._state, app["metadata"], app["spec"])
            elif not is_going(have[one]):
                self._put_back(have[one], app)
        for one in have.keys() - wanted.applications.keys():
            ask_to_go(self._state, one)

    def _put_back(self, app: Object, wanted: Object) -> None:
        changed = copied(app)
        left = {key: value for key, value in annotations_of(app).items() if key in _OURS_TO_LEAVE}
        given = {part: wanted["metadata"][part] for part in GIVEN if wanted["metadata"].get(part)}
        annotations = given.get("annotations", {}) | left
        given |= {"annotations": annotations} if annotations else {}
        kept = {part: value for part, value in app["metadata"].items() if part not in GIVEN}
        changed |= {"metadata": kept | given, "spec": wanted["spec"]}
        if changed != app:
            self._state.put_application(changed)

    def _report(self, seen: Object, wanted: Wanted, reason: str) -> None:
        name = seen["metadata"]["name"]
        made = copied(self._state.sets[name])
        made["status"] = written(made["status"], wanted.problem, reason, self._state.clock())
        if not wanted.halts:
            made["status"] |= resources(self._applications(name))
        if not wanted.problem and _asked(made) == _asked(seen):
            made["metadata"].get("annotations", {}).pop(REFRESH_SET, None)
        if made != self._state.sets[name]:
            made["metadata"]["resourceVersion"] = self._state.next_version()
            self._state.sets[name] = made

    def _applications(self, name: str) -> list[Object]:
        apps = sorted(self._state.applications.items())
        return [app for _, app in apps if owner_of(app) == name]

    def _heard(self, before: Object | None, after: Object | None) -> None:
        name = owner_of(after or before or {})
        if name not in self._state.sets or before is None:
            return
        if after is None or is_going(after) != is_going(before) or _given(before) != _given(after):
            self.look(name)


def owner_of(app: Object) -> str:
    """The name of the set that made an application, "" if none did."""
    owners = app["metadata"].get("ownerReferences") or []
    return next((str(one["name"]) for one in owners if one["kind"] == "ApplicationSet"), "")


def _given(app: Object) -> list[object]:
    metadata = app["metadata"]
    return [app["spec"], *(metadata.get(part) for part in ("labels", "annotations", "finalizers"))]


def _asked(made: Object) -> list[object]:
    return [made["spec"], made["metadata"].get("annotations", {}).get(REFRESH_SET)]
