"""conversations.*: channels and what was said in them."""

from __future__ import annotations

from collections import defaultdict

from liftgate_sandbox.slack import shapes
from liftgate_sandbox.slack.call import Call, SlackError
from liftgate_sandbox.slack.model import Json, Message

END = {"response_metadata": {"next_cursor": ""}}


def list_all(call: Call) -> Json:
    return {"channels": [shapes.channel(each) for each in call.store.state.channels.values()], **END}


def info(call: Call) -> Json:
    return {"channel": shapes.channel(call.channel())}


def history(call: Call) -> Json:
    """What stands in the channel itself, newest first, a page at once; threads are told by their first message."""
    channel, most = call.channel().id, call.number("limit", 100)
    oldest, cursor = float(call.text("oldest") or 0), call.text("cursor")
    found = [
        message
        for message in call.store.state.messages[::-1]
        if message.channel == channel and not message.thread_ts and not message.only_for
        if float(message.ts) > oldest and (not cursor or float(message.ts) < float(cursor))
    ]
    threads = defaultdict[str | None, list[Message]](list)
    for reply in call.store.state.messages:
        if reply.channel == channel and reply.thread_ts and not reply.only_for:
            threads[reply.thread_ts].append(reply)
    shown = [shapes.thread_parent(each, threads[each.ts]) | _metadata(call, each) for each in found[:most]]
    if len(found) <= most:
        return {"messages": shown, "has_more": False, "pin_count": 0, **END}
    page = {"messages": shown, "has_more": True, "pin_count": 0}
    return page | {"response_metadata": {"next_cursor": shown[-1]["ts"]}}


def _metadata(call: Call, message: Message) -> Json:
    asked = str(call.arguments.get("include_all_metadata", "")).lower() in ("1", "true")
    return {"metadata": message.metadata} if asked and message.metadata else {}


def replies(call: Call) -> Json:
    """A thread, its first message first."""
    parent = call.store.message(call.channel().id, call.text("ts"))
    if parent is None or parent.only_for:
        raise SlackError("thread_not_found")
    written = [
        each
        for each in call.store.state.messages
        if (each.channel, each.thread_ts) == (parent.channel, parent.ts) and not each.only_for
    ]
    first = shapes.thread_parent(parent, written)
    return {"messages": [first, *(shapes.message(each) for each in written)], "has_more": False, **END}
