"""Requests in JSON, sent again as often as is asked for."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Callable

# What may be better the next time.
_PASSING = {408, 429, 500, 502, 503, 504}


class GenomcoreError(Exception):
    """What the server answered instead: any status but 200, 201 and 202, with a JSON object."""

    def __init__(self, status: int, body: Any):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def send(
    method: str,
    url: str,
    *,
    query: dict[str, Any] | None = None,
    body: Any = None,
    bearer: Callable[[], str] | None = None,
    retries: int = 0,
) -> Any:
    """The answer's JSON; of 202 nothing."""
    if query:
        url = f"{url}?{urllib.parse.urlencode(query)}"
    data = None if body is None else json.dumps(body).encode()
    for left in range(retries, -1, -1):
        headers = {"Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer()}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                if answer.status == 202:
                    return None
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            if left == 0 or error.code not in _PASSING:
                try:
                    raise GenomcoreError(error.code, json.loads(text)) from None
                except json.JSONDecodeError:
                    raise GenomcoreError(error.code, text.decode(errors="replace")) from None
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
            if left == 0:
                raise
        time.sleep(0.05 * 2 ** (retries - left))
    raise AssertionError("the last try either returns or raises")
