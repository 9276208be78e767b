"""The events controller."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import Any, Iterator, Sequence

from . import transport
from .auth import AuthController

# "Defaults to 100000 as the max for a single chunk".
MAX_CHUNK = 100_000


class EventsController:
    def __init__(self, url: str, auth: AuthController):
        self._url = url
        self._auth = auth

    def create_events(
        self,
        body: Sequence[dict[str, Any]],
        chunksize: int = MAX_CHUNK,
        retries: int = 0,
        chunk_details: bool = False,
        measure_time: bool = False,
        *,
        max_retries: int | None = None,
        timer: bool | None = None,
    ) -> list[dict[str, Any]]:
        """One answer for each chunk. `max_retries` and `timer` are what the examples call `retries` and
        `measure_time`."""
        if max_retries is not None:
            retries = int(max_retries)
        if timer is not None:
            measure_time = timer
        if not 1 <= chunksize <= MAX_CHUNK:
            raise ValueError(f"chunksize must be from 1 to {MAX_CHUNK}")
        for event in body:
            if "batch" in event and event["batch"] in (None, ""):
                raise ValueError("batch must not be None or an empty string")
        answers = []
        with _measured("create_events", measure_time):
            for start in range(0, len(body), chunksize):
                chunk = list(body[start : start + chunksize])
                if chunk_details:
                    print(f"chunk {len(answers)}: {len(chunk)} events", file=sys.stderr)
                answers.append(
                    transport.send(
                        "POST",
                        f"{self._url}/events",
                        body=chunk,
                        bearer=self._auth.bearer,
                        retries=retries,
                    )
                )
        return answers

    def query_events(
        self,
        page: int = 0,
        pageSize: int = 10000,
        body: dict[str, Any] | None = None,
        measure_time: bool = False,
    ) -> dict[str, Any]:
        with _measured("query_events", measure_time):
            return transport.send(
                "POST",
                f"{self._url}/events/query",
                query={"page": page, "pageSize": pageSize},
                body=body,
                bearer=self._auth.bearer,
            )

    def delete_events(self, collection: str) -> dict[str, Any]:
        return transport.send(
            "DELETE",
            f"{self._url}/events",
            query={"collection": collection},
            bearer=self._auth.bearer,
        )


@contextmanager
def _measured(name: str, wanted: bool) -> Iterator[None]:
    begin = time.monotonic()
    yield
    if wanted:
        print(f"{name} took {time.monotonic() - begin:.3f} s", file=sys.stderr)
