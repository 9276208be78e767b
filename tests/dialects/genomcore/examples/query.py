body = {
    "filter": {
        "owner": {"$in": [1]},
        "collection": {"$in": ["TestCollection"]}
    },
    "sort": {
        "start": -1
    },
    "beforeDate": "2024-04-01",
    "afterDate": "2024-04-08"
}

api.events.query_events(page = 2, pageSize = 500, body = body)
