"""What must hold of every answer, whichever operation gave it."""
import re

import schemathesis
from schemathesis import Case, CheckContext, Response

from .media_types import read

# An internal error that the status does not show, because the answer had begun: only its text is left to tell.
FAULTS = re.compile(
    rb"internal error; request id|likely caused by a bug|Internal error:|panicked at|called `\w+::unwrap\(\)`"
)


@schemathesis.check
def request_id(_context: CheckContext, response: Response, _case: Case) -> None:
    """Every answer says what its request is called in the log."""
    ids = response.headers.get("x-request-id", [])
    assert len(ids) == 1 and ids[0], f"x-request-id: {ids}"


@schemathesis.check
def challenge(_context: CheckContext, response: Response, _case: Case) -> None:
    """401 says how to sign in."""
    assert response.status_code != 401 or response.headers.get("www-authenticate"), "401 without WWW-Authenticate"


@schemathesis.check
def no_hidden_fault(_context: CheckContext, response: Response, _case: Case) -> None:
    """No answer that seems to be the caller's doing carries an error that is the server's own."""
    if response.status_code >= 500 and response.headers.get("content-type", [""])[0].startswith("text/plain"):
        # Not hidden: it is a server error, and another check says so.
        return
    found = FAULTS.search(response.content)
    # Somebody may ask for these words.
    body = response.request.body or b""
    asked = body.encode() if isinstance(body, str) else body
    assert not found or found.group() in asked, f"the answer has {found.group().decode()!r}: {told(response)}"


@schemathesis.check
def readable(_context: CheckContext, response: Response, _case: Case) -> bool | None:
    """Rows are of the format that they are said to be. A refusal under the same media type is a text."""
    if response.status_code >= 400:
        return True
    read(response)
    return None


@schemathesis.check
def refusal_says_why(_context: CheckContext, response: Response, case: Case) -> None:
    """A refusal has a body for people, without what is only for the log."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    text = response.content.decode("utf-8", "replace")
    assert "\ufffd" not in text or b"\xef\xbf\xbd" in response.content, "the refusal is no UTF-8"
    assert text.strip(), f"{response.status_code} without a word"
    assert not re.search(r"\.rs:\d+|/crates/|RUST_BACKTRACE", text), f"the refusal shows source code: {text[:400]}"


def told(response: Response) -> str:
    """The end of an answer."""
    return response.content[-400:].decode("utf-8", "replace")
