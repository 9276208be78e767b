"""The examples of the documentation, as they stand."""

from program import event, example, say

from genomcore.client import GenomcoreApiClient

names: dict = {}
say("create", read=example("create", names))
again = names["api"].events.query_events(body={"filter": {"collection": "test"}})
say("created", read=again, sent=names["body"])

api = GenomcoreApiClient(token="A_VALID_TOKEN", refresh_token="A_VALID_REFRESH_TOKEN")
# Of both owners, and from before the first day to after the last: one every six minutes.
sent = [
    event(
        owner=owner,
        collection=collection,
        start=f"2024-{month:02}-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z",
        externalId=f"{month:02}-{day:02}-{minute:04}",
    )
    for owner in ("1", "2")
    for collection in ("TestCollection", "Other")
    for month, day in [(3, 31)] + [(4, day) for day in range(1, 10)]
    for minute in range(0, 1440, 6)
]
answers = api.events.create_events(body=sent, measure_time=True, chunk_details=True)
say("fill", read=[{**answer, "ids": len(answer["ids"])} for answer in answers], sent=len(sent))
say("query", read=example("query", {"api": api}))

kept = event(collection="kept")
api.events.create_events([event(collection="some_collection_of_events", value=str(n)) for n in range(7)] + [kept])
say("delete", read=example("delete", {}))
say("deleted", read=example("delete", {}))
say("kept", read=api.events.query_events(body={"filter": {"collection": {"$regex": "kept|some"}}}), sent=kept)
