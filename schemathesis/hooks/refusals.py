"""What a refusal of Airsequel's API says, for exclusions that hold for some and for no others."""
import html
import json
import re
from collections.abc import Callable

from schemathesis import Case, Response


def says(pattern: str, status: int = 400) -> Callable[[Case, Response], bool]:
    """Whether it is a refusal of this status whose message has the pattern in it."""

    def applies(_case: Case, response: Response) -> bool:
        if response.status_code != status or not response.content.startswith(b'{"errors":[{"message":'):
            return False
        return re.search(pattern, json.loads(response.content)["errors"][0]["message"], re.DOTALL) is not None

    return applies


def is_page_of(pattern: str) -> Callable[[Case, Response], bool]:
    """Whether it is a page with such a refusal, as forms are answered."""

    def applies(_case: Case, response: Response) -> bool:
        told = re.search(r"<p>(.*?)</p>", response.content.decode("utf-8", "replace"), re.DOTALL)
        return response.status_code == 400 and told is not None and re.search(pattern, html.unescape(told.group(1)), re.DOTALL) is not None

    return applies
