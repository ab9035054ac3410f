"""Requests that are HTTP: what says where a message ends is the client's to write, not a value to try."""
import schemathesis
from schemathesis import Case, HookContext

FRAMING = {"content-length", "transfer-encoding"}


@schemathesis.hook
def filter_case(_context: HookContext, case: Case) -> bool:
    """Leaves out made-up headers of that kind. A message that cannot be taken apart is refused before it is anybody's
    request: with 400 and no more, whatever the documents say of operations."""
    return not any(name.lower() in FRAMING for name in case.headers or {})
