"""A token that is about to expire is renewed first, and only then."""

import base64
import hashlib
import hmac
import json
import os
import time

from program import event, say

from genomcore.auth import expiry
from genomcore.client import GenomcoreApiClient
from genomcore.transport import GenomcoreError


def signed(seconds: int, name: str = "refresh") -> str:
    """As the server signs, to see what it makes of tokens of other ages."""

    def part(bytes_: bytes) -> str:
        return base64.urlsafe_b64encode(bytes_).decode().rstrip("=")

    now = int(time.time())
    claims = {"iss": "dagtrail", "sub": name, "iat": now, "exp": now + seconds}
    text = ".".join(part(json.dumps(one).encode()) for one in ({"typ": "JWT", "alg": "HS256"}, claims))
    key = os.environ["GENOMCORE_KEY"].encode()
    return f"{text}.{part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def renewals(token: str, refresh_token: str = "A_VALID_REFRESH_TOKEN") -> object:
    api = GenomcoreApiClient(token, refresh_token, project="slug")
    try:
        api.events.create_events([event(collection="tokens")])
        api.events.query_events(pageSize=1)
    except GenomcoreError as error:
        return {"status": error.status, "body": error.body}
    return {"renewals": api.auth.renewals, "same": api.auth.refresh_token == refresh_token}


say("not yet", read=renewals(signed(16 * 60)))
say("soon", read=renewals(signed(14 * 60)))
say("expired", read=renewals(signed(-60)))
say("no JWT", read=renewals("A_VALID_TOKEN"))
say("not known", read=renewals("NO_TOKEN"))
say("nobody's", read=renewals(signed(3600, name="nobody")))
say("a wrong refresh token", read=renewals(signed(60), "NO_TOKEN"))
say("a token is no refresh token", read=renewals(signed(60), signed(3600)))

api = GenomcoreApiClient(signed(60), "A_VALID_REFRESH_TOKEN")
api.auth.renew()
say("good for", read=round((expiry(api.auth.token) - time.time()) / 60))
