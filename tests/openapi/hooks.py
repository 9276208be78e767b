"""What schemathesis has to know beyond /openapi.json: rules between two fields, for which JSON Schema has no words, and
values that only the server can make. Nothing here touches an answer or a check."""

import json
from datetime import datetime, timedelta, timezone

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

LINES = "application/x-ndjson"
# Of a second in 1678 and one in 2261: times are kept in nanoseconds.
FIRST, LAST = -9214560000, 9183110399


@schemathesis.serializer(LINES)
def as_lines(ctx, value):
    """One event a line; a text, as an import is, stays as it is."""
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value).encode()


@schemathesis.deserializer(LINES)
def of_lines(ctx, response):
    """A history as lines: each is what the schema describes, so the first stands for all. An export is text."""
    text = response.content.decode()
    if "/export" in response.request.url:
        return text
    return json.loads(text.split("\n", 1)[0])


def instant(seconds, nanoseconds, offset):
    zone = timezone(timedelta(minutes=offset))
    time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    fraction = f".{nanoseconds:09}" if nanoseconds else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}" + (f"{zone}".removeprefix("UTC") or "Z")


# All of JSON Schema's date-times have a year from 1 to 9999, of which one in twenty fits the pattern beside it.
schemathesis.openapi.format(
    "date-time",
    st.builds(
        instant,
        st.integers(FIRST, LAST),
        st.one_of(st.just(0), st.integers(0, 999999999)),
        st.one_of(st.just(0), st.integers(-720, 720)),
    ),
)


def is_valid(case):
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def in_order(event):
    """The last time is not before the first."""
    first, last = event.get("firstTimestamp"), event.get("lastTimestamp")
    if first and last and datetime.fromisoformat(first) >= datetime.fromisoformat(last):
        event["lastTimestamp"] = first


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw.get("operationId")
    query = case.query
    if name == "postEvents" and isinstance(case.body, list) and len(case.body) > 1:
        # An item at fault harms no other, and a post with one good item is good, unless it is atomic.
        if query.get("atomic") in (None, "false", False):
            query["atomic"] = "true"
    if not is_valid(case):
        return
    if name == "postEvents":
        events = case.body if isinstance(case.body, list) else [case.body]
        for event in events:
            in_order(event)
    elif name == "import":
        # The last line of an export has the sum of all before.
        base = kwargs.get("base_url") or case.operation.base_url
        case.body = requests.get(f"{base.rstrip('/')}/v1/export", timeout=10).text
    elif name == "listExecutions":
        if ("limit" in query) != ("offset" in query):
            query.setdefault("limit", 10)
            query.setdefault("offset", 0)
        if query.get("view") == "full" and "limit" in query:
            query["limit"] = min(int(query["limit"]), 200)
    elif name in ("getEvents", "getNamedEvents"):
        # Only the server makes one.
        query.pop("cursor", None)
