"""A plug-in whose SDK is not installed."""

import acme_sdk_that_is_not_installed  # noqa: F401
