from genomcore.client import GenomcoreApiClient
api = GenomcoreApiClient(token="A_VALID_TOKEN", refresh_token="A_VALID_REFRESH_TOKEN")

body = [
    {
        "owner": "user",
        "collection": "test",
        "start": "2021-01-01T00:00:00Z",
        "value": "test",
        "type": "test",
        "source": "test",
        "externalId": "test"
    },
    {
        "owner": "user",
        "collection": "test",
        "start": "2021-01-01T00:00:00Z",
        "value": "test",
        "type": "test",
        "source": "test",
        "externalId": "test"
    }
]

api.events.create_events(body = body, chunksize = 10000, max_retries = 3)
