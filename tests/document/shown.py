"""What a document shows of the answers of an operation, and which of that some answer was like."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from exchange import Answer
from likeness import unlike
from operations import Operation, essence


@dataclass(frozen=True)
class Other:
    """An example of an answer that says how to get it: by what its `x-request` changes in the operation's first request."""
    name: str
    status: str
    content_type: str
    value: Any
    changes: dict
    after: list[dict[str, str]]

    @property
    def refused(self) -> bool:
        """Whether it changes nothing and needs nothing: it is sent first."""
        return self.status[0] not in "23" and not self.after


class Shown:
    """The examples of answers of one operation."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        # Examples of successes that some request led to: status, content type, name.
        self.seen: set[tuple[str, str, str]] = set()

    def others(self) -> list[Other]:
        """The examples that say how to get them."""
        return [
            Other(name, status, content_type, example["value"], example["x-request"], example.get("x-after", []))
            for status, content_type, media in self.media()
            for name, example in self.operation.examples(media).items() if "x-request" in example
        ]

    def media(self) -> Iterator[tuple[str, str, dict]]:
        for status, response in self.operation.responses.items():
            for content_type, media in response.get("content", {}).items():
                yield status, content_type, media

    def told(self, name: str, answer: Answer, status: str) -> str | None:
        """What is wrong with a success: it is what the document shows under the request's name, or any that it shows."""
        content = self.operation.responses[status].get("content", {})
        if not content:
            return f"has a body that is not documented: {answer.body[:200]!r}" if answer.body else None
        content_type = documented(content, answer)
        if content_type is None:
            return f"answers as {answer.content_type}, which is not documented"
        media = content[content_type]
        if self.operation.is_binary(media):
            return None if answer.body else "the body is empty"
        examples = self.operation.examples(media)
        wanted = [name] if name in examples else list(examples)
        told = "there is no example of this answer"
        for name in wanted:
            told = unlike(examples[name]["value"], answer)
            if told is None:
                self.seen.add((status, content_type, name))
                return None
        return told

    def told_of(self, other: Other, answer: Answer) -> str | None:
        """What is wrong with an answer that `other` should be."""
        self.seen.add((other.status, other.content_type, other.name))
        found, wanted = self.operation.response(answer.status), f"{other.status} {other.content_type}"
        if found and found[0] == other.status and essence(answer.content_type or "") == essence(other.content_type):
            return unlike(other.value, answer)
        return f"{answer.status} {answer.content_type} {answer.body[:500]!r} instead of {wanted}"

    def unseen(self, excused: set[str]) -> Iterator[tuple[str, str]]:
        """What is wrong, by name: examples of successes that no request led to, but for those whose request is never sent."""
        for status, content_type, media in self.media():
            if status[0] not in "23":
                continue
            examples = self.operation.examples(media)
            if not examples and not self.operation.is_binary(media):
                yield "", f"{status} {content_type} has no example"
            for name in examples:
                if name not in excused and (status, content_type, name) not in self.seen:
                    yield name, f"no request leads to this example of {status} {content_type}"


def documented(content: dict[str, dict], answer: Answer) -> str | None:
    """The answer's content type as the document writes it: with parameters, or as a range such as `*/*`."""
    found = essence(answer.content_type or "")
    for wanted in (found, f"{found.partition('/')[0]}/*", "*/*"):
        for content_type in content:
            if found and essence(content_type) == wanted:
                return content_type
    return None
