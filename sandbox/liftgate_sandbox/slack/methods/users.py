"""auth.test and users.*: who is there."""

from __future__ import annotations

from liftgate_sandbox.slack import shapes
from liftgate_sandbox.slack.call import Call, SlackError
from liftgate_sandbox.slack.model import BOT, DOMAIN, TEAM, Json


def auth_test(call: Call) -> Json:
    return {
        "url": f"{call.url}/",
        "team": DOMAIN,
        "user": call.bot.name,
        "team_id": TEAM,
        "user_id": call.bot.id,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def info(call: Call) -> Json:
    person = call.store.state.people.get(call.text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": shapes.person(person)}


def list_all(call: Call) -> Json:
    members = [shapes.person(person) for person in call.store.state.people.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def lookup_by_email(call: Call) -> Json:
    wanted = call.text("email").lower()
    found = [each for each in call.store.state.people.values() if each.email.lower() == wanted]
    if not found or found[0].deleted:
        raise SlackError("users_not_found")
    return {"user": shapes.person(found[0])}
