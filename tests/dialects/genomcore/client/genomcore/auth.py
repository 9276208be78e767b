"""Tokens: looked into before they are used, and renewed when they are about to expire."""

from __future__ import annotations

import base64
import binascii
import json
import time

from . import transport

# A token that expires sooner is renewed first, in seconds.
_MARGIN = 15 * 60


class AuthController:
    def __init__(self, url: str, token: str, refresh_token: str | None, project: str | None):
        self._url = url
        self._project = project
        self.token = token
        self.refresh_token = refresh_token
        self.renewals = 0

    def bearer(self) -> str:
        """A token that is good for a while."""
        expires = expiry(self.token)
        if expires is not None and expires - time.time() < _MARGIN:
            self.renew()
        return self.token

    def renew(self) -> None:
        body = {"token": self.token, "refreshToken": self.refresh_token}
        if self._project is not None:
            body["project"] = self._project
        renewed = transport.send("POST", f"{self._url}/auth/refresh-token", body=body)
        self.token = renewed["token"]
        self.refresh_token = renewed["refreshToken"]
        self.renewals += 1


def expiry(token: str) -> int | None:
    """When a token expires, in seconds since 1970; None of what is no JWT or does not say."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    claims = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        return json.loads(base64.urlsafe_b64decode(claims)).get("exp")
    except (binascii.Error, ValueError, AttributeError):
        return None
