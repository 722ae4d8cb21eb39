"""Google's SDK, held to one request a purchase, and its exceptions in our words. Knows neither a model nor a route.

The SDK is imported when a client is made, so that listing the backends stays quick.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime import one_post as posting
from runtime.answers import Busy, Offline, Refused, Trouble, verdict
from runtime.google_refusals import explained, refusal_side
from runtime.http import retry_after_s

if TYPE_CHECKING:
    from ssl import SSLContext

    from google.auth.credentials import Credentials
    from google.genai import Client
    from google.genai.types import HttpOptions

KEY_ADDRESS = "https://generativelanguage.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
STALL_S, BUYING_STALL_S = 60.0, 300.0
"""How long an answer may stand still. A POST that costs money is given longer: given up, nobody knows what became of it."""
MOST_WORDS = 300
_GOOGLE_MACHINE = Path("/sys/class/dmi/id/product_name")
_HOPELESS = re.compile(r"api key|api_key_invalid|billing|user location|has not been used in project|permission", re.IGNORECASE)
"""In the words of a refusal: it is about the account, and no other request would fare better."""


def vertex_address(region: str) -> str:
    """Where Vertex AI answers for a region, as the SDK would choose: said by us, so that no stray variable can."""
    if region == "global":
        return "https://aiplatform.googleapis.com"
    if region in ("us", "eu"):
        return f"https://aiplatform.{region}.rep.googleapis.com"
    return f"https://{region}-aiplatform.googleapis.com"


def key_client(api_key: str, base_url: str | None) -> Client:
    """A client of the Gemini API. Hold on to it: the SDK hangs up when it is collected."""
    from google.genai import Client

    return Client(vertexai=False, api_key=api_key, http_options=_http_options(base_url or KEY_ADDRESS))


def project_client(project: str, region: str, credentials: Credentials | None, base_url: str | None) -> Client:
    """A client of Vertex AI. Without credentials the SDK looks for those of this machine when it first needs them."""
    from google.genai import Client

    return Client(vertexai=True, project=project, location=region, credentials=credentials,
                  http_options=_http_options(base_url or vertex_address(region)))


def credentials_from(access_token: str | None, file: Path | None) -> Credentials | None:
    """The credentials a user named; None when none are, so that those of the machine count. Raises GoogleAuthError."""
    if access_token:
        from google.oauth2.credentials import Credentials as Token

        return Token(token=access_token)  # type: ignore[no-untyped-call]
    if file is None:
        return None
    import google.auth

    with warnings.catch_warnings():  # of files from strangers; this one the user has named
        warnings.simplefilter("ignore", DeprecationWarning)
        found: Credentials = google.auth.load_credentials_from_file(str(file), scopes=[SCOPE])[0]  # type: ignore[no-untyped-call]
    return found


def machine_has_credentials() -> bool:
    """Whether Application Default Credentials are to be found here: gcloud's file, or a machine of Google's. Asks nobody."""
    from google.auth import _cloud_sdk  # the only one who knows where gcloud keeps it on every system

    if Path(_cloud_sdk.get_application_default_credentials_path()).is_file():  # type: ignore[no-untyped-call]
        return True
    try:
        return _GOOGLE_MACHINE.read_text(encoding="utf-8").startswith("Google")
    except OSError:
        return False


def _http_options(base_url: str) -> HttpOptions:
    """Nothing is sent again, and every request has a connection of its own.

    -1 is the one number that ends both of the SDK's retry loops at once: 0 and 1 send an interaction twice. With a client
    of ours it leaves aiohttp alone, which repeats requests by itself. A kept connection that the other side has just
    closed would cost a POST its answer.
    """
    import httpx
    from google.genai.types import HttpOptions, HttpRetryOptions

    trusted = _certificates()
    wire = httpx.AsyncClient(follow_redirects=True, limits=httpx.Limits(max_keepalive_connections=0), verify=trusted,
                             event_hooks=dict(posting.HOOKS))
    return HttpOptions(base_url=base_url, timeout=milliseconds(STALL_S), retry_options=HttpRetryOptions(attempts=-1),
                       httpx_async_client=wire, client_args={"verify": trusted}, async_client_args={"ssl": trusted})


@lru_cache(maxsize=1)
def _certificates() -> SSLContext:
    """Read once; the SDK would read them for each transport it might use."""
    import httpx

    return httpx.create_ssl_context()


def milliseconds(seconds: float) -> int:
    """What the SDK counts time in."""
    return round(1000 * seconds)


@contextmanager
def one_post() -> Iterator[None]:
    """`one_post` for this SDK: that there is no access to Google Cloud is said before anything is sent."""
    from google.auth.exceptions import GoogleAuthError

    with posting.one_post(GoogleAuthError):
        yield


@contextmanager
def translated(secrets: Sequence[str]) -> Iterator[None]:
    """Turns what the SDK raises into Refused, Busy and Trouble; `secrets` are kept out of their words."""
    import httpx
    from google.auth.exceptions import GoogleAuthError
    from google.genai._interactions import APIError as InteractionError  # another family than that of the older routes
    from google.genai.errors import APIError

    try:
        yield
    except (APIError, InteractionError, GoogleAuthError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        said = meaning(error)
        plain = str(said)
        for secret in secrets:
            plain = plain.replace(secret, "***")
        said.args = (plain,)
        told = any(secret in str(error) for secret in secrets)
        raise said from (None if told else error)


def meaning(error: Exception) -> Refused | Busy | Trouble:
    """What an exception of the SDK, or of what lies under it, means for a request."""
    import httpx
    from google.auth.exceptions import GoogleAuthError, TransportError
    from google.genai._interactions import APIConnectionError
    from google.genai._interactions import APIError as InteractionError
    from google.genai.errors import APIError

    if isinstance(error, APIError):
        return _answer(error.code, error.details, getattr(error.response, "headers", {}))
    if isinstance(error, APIConnectionError) and isinstance(error.__cause__, httpx.HTTPError):
        return meaning(error.__cause__)
    if isinstance(error, InteractionError) and error.status_code:
        return _answer(error.status_code, error.body, getattr(getattr(error, "response", None), "headers", {}))
    if isinstance(error, GoogleAuthError):
        reason = f"no access to Google Cloud: {_short(str(error))}"
        if isinstance(error, TransportError):
            return Offline(reason)
        return Busy(reason) if error.retryable else Refused(reason, account=True)
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)):
        return Offline(f"no connection to Google: {_short(str(error)) or type(error).__name__}")  # nothing was sent
    if isinstance(error, (httpx.HTTPError, InteractionError)):
        return Trouble(f"no answer: {_short(str(error)) or type(error).__name__}")
    return Trouble(f"an answer that cannot be read ({type(error).__name__})")  # its text may be the whole answer


def _answer(status: int, body: object, headers: Mapping[str, str]) -> Refused | Busy | Trouble:
    error = _error_in(body)
    details = [detail for detail in error.get("details") or () if isinstance(detail, dict)]
    words = _short(str(error.get("message") or error.get("status") or "no reason given"))
    reason = explained(f"{status}: {words}")
    if status == 429 and _never(words, details):
        return Refused(reason, account=True)
    about = f"{words} {[detail.get('reason') for detail in details]}"
    refusal = refusal_side(words) if status in (400, 403) else None
    return verdict(status, reason, retry_after_s=_wait_s(headers, details), refusal=refusal,
                   account=status == 404 or (refusal is None and bool(_HOPELESS.search(about))))


def _error_in(body: object) -> Mapping[str, Any]:
    """`{"error": {...}}`, also as the only entry of a list, as Google's front end has it; or just its inside."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return {"message": body if isinstance(body, str) else ""}
    inner = body.get("error", body)
    return inner if isinstance(inner, dict) else {"message": str(inner)}


def _never(words: str, details: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a 429 is about a quota that no waiting of minutes renews: none at all, or that of the day is used up."""
    quotas = [str(quota.get("quotaId", "")) for detail in details for quota in detail.get("violations") or ()
              if isinstance(quota, dict)]
    return bool(re.search(r"\blimit: 0\b", words)) or any("PerDay" in quota for quota in quotas)


def _wait_s(headers: Mapping[str, str], details: Sequence[Mapping[str, Any]]) -> float | None:
    """Seconds until one may ask again: the header's, or those of a google.rpc.RetryInfo (`"3.5s"`)."""
    said = retry_after_s(headers)
    for detail in details:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
        if said is None and found:
            said = float(found[1])
    return said


def _short(text: str) -> str:
    """One line of it. Of a page of HTML, which a proxy or a login may answer, only that it is one."""
    line = " ".join(text.split())
    if line.startswith("<"):
        return "a page of HTML came"
    return line if len(line) <= MOST_WORDS else f"{line[:MOST_WORDS]}..."
