"""The client, by both names that the documentation has for it."""

from __future__ import annotations

import os

from .auth import AuthController
from .events import EventsController


class GenomcoreApiClient:
    """Where the API is, is said by GENOMCORE_API, up to the version: https://host/prefix/api/v1."""

    def __init__(
        self,
        token: str,
        refresh_token: str | None = None,
        project: str | None = None,
        url: str | None = None,
    ):
        url = (url or os.environ["GENOMCORE_API"]).rstrip("/")
        self.auth = AuthController(url, token, refresh_token, project)
        self.events = EventsController(url, self.auth)


Genomcore = GenomcoreApiClient
