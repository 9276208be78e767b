"""A client of the events API that behaves as the SDK's documentation says. The SDK itself cannot be had."""
