"""Sends every example of a document to a fresh demo server and compares the answers with the documented ones."""
import json
from pathlib import Path
from typing import Any

import exchange
from exchange import Answer, NoExample, Request
from likeness import difference, text_difference
from links import Absent, evaluated
from operations import Operation, essence, is_json, read

from harness.process import Boathouse

# Who the examples of errors sign in as, beside the admin account: a name, a password, an access.
READER = ("reader", "reader", "read")


class Worked:
    """What was found of one document. It knows no operation by name."""

    def __init__(self, path: Path, server: Boathouse) -> None:
        self.operations = read(path)
        self.server = server
        self.faults: list[str] = []
        self.requests = self.errors = 0
        # Ids that answers gave, by the operation that takes them.
        self.linked: dict[str, dict[str, Any]] = {}
        # Examples of successes that some request led to: operation, status, content type, name.
        self.seen: set[tuple[str, str, str, str]] = set()
        self.links = {key: False for operation in self.operations for key in links_of(operation)}

    def check(self) -> None:
        """All operations, in the document's order."""
        for operation in self.operations:
            try:
                requests = exchange.examples(operation, self.linked.get(operation.id, {}))
            except NoExample as missing:
                self.fault(operation, "", str(missing))
                continue
            for request in requests:
                if request.unsent is None:
                    self.succeed(request)
            self.unseen(operation, {request.name for request in requests if request.unsent is not None})
            for name, changes, status, media, example in failures(operation):
                self.fail(exchange.changed(requests[0], name, changes), status, media, example)
        for operation in self.operations:
            for key in links_of(operation):
                if not self.links[key]:
                    self.fault(operation, "", f"no example leads along the link {key[2]} of {key[1]}")

    def fault(self, operation: Operation, name: str, told: str) -> None:
        self.faults.append(f"{operation.id}{f' ({name})' if name else ''}: {told}")

    def succeed(self, request: Request) -> None:
        """An example of a request has the answer that the document shows under its name, or any that it shows."""
        answer = exchange.send(self.server.address, request)
        self.requests += 1
        operation = request.operation
        found = operation.response(answer.status)
        if answer.status // 100 != 2 or found is None:
            self.fault(operation, request.name, f"answers {answer.status}: {answer.body[:500]!r}")
            return
        told = self.against_examples(request, answer, *found)
        if told:
            self.fault(operation, request.name, told)
        for header, described in found[1].get("headers", {}).items():
            if operation.resolved(described).get("required") and header.lower() not in answer.headers:
                self.fault(operation, request.name, f"the answer has no header {header}")
        for name, link in found[1].get("links", {}).items():
            self.follow((operation.id, found[0], name), operation.resolved(link), request, answer)

    def against_examples(self, request: Request, answer: Answer, status: str, response: dict) -> str | None:
        operation, content = request.operation, response.get("content", {})
        if not content:
            return f"has a body that is not documented: {answer.body[:200]!r}" if answer.body else None
        content_type = documented(content, answer)
        if content_type is None:
            return f"answers as {answer.content_type}, which is not documented"
        media = content[content_type]
        if operation.is_binary(media):
            return None if answer.body else "the body is empty"
        examples = operation.examples(media)
        wanted = [request.name] if request.name in examples else list(examples)
        told = "there is no example of this answer"
        for name in wanted:
            told = unlike(examples[name]["value"], answer)
            if told is None:
                self.seen.add((operation.id, status, content_type, name))
                return None
        return told

    def unseen(self, operation: Operation, excused: set[str]) -> None:
        """Examples of successes that no request led to, but for those whose request cannot be sent."""
        for status, response in operation.responses.items():
            if not status.startswith("2"):
                continue
            for content_type, media in response.get("content", {}).items():
                examples = operation.examples(media)
                if not examples and not operation.is_binary(media):
                    self.fault(operation, "", f"{status} {content_type} has no example")
                for name in examples:
                    if name not in excused and (operation.id, status, content_type, name) not in self.seen:
                        self.fault(operation, name, f"no request leads to this example of {status} {content_type}")

    def fail(self, request: Request, status: str, content_type: str, example: Any) -> None:
        """An example of an error is what its `x-request` leads to."""
        answer = exchange.send(self.server.address, request)
        self.errors += 1
        found = request.operation.response(answer.status)
        if found is None or found[0] != status or essence(answer.content_type or "") != essence(content_type):
            told = f"{answer.status} {answer.content_type} {answer.body[:500]!r} instead of {status} {content_type}"
        else:
            told = unlike(example, answer)
        if told:
            self.fault(request.operation, f"{status} {request.name}", told)

    def follow(self, key: tuple[str, str, str], link: dict, request: Request, answer: Answer) -> None:
        """The operation that a link leads to takes what it gives."""
        operation = next((other for other in self.operations if other.id == link.get("operationId")), None)
        try:
            values = evaluated(link.get("parameters", {}), request, answer)
            body = evaluated(link["requestBody"], request, answer) if "requestBody" in link else None
        except Absent:
            return
        if operation is None:
            told = f"a link leads to {link.get('operationId')}, which is not there"
            self.fault(request.operation, request.name, told)
            return
        # A name with its place before it is one of several parameters of that name.
        values = {name.rpartition(".")[2]: value for name, value in values.items()}
        self.linked.setdefault(operation.id, {}).update(values)
        if operation.method == "delete":
            # What is gone can be asked for no more: it is called in its own turn, which comes after those of readers.
            self.links[key] = True
            return
        try:
            first = exchange.examples(operation, values)[0]
        except NoExample:
            return  # Told where the operation's own turn comes.
        followed = exchange.changed(first, first.name, {} if body is None else {"body": body})
        found = exchange.send(self.server.address, followed)
        self.links[key] = True
        if found.status // 100 != 2:
            told = f"the link to {operation.id} answers {found.status}: {found.body[:500]!r}"
            self.fault(request.operation, request.name, told)


def links_of(operation: Operation) -> list[tuple[str, str, str]]:
    """Every link by operation, status and name."""
    return [(operation.id, status, name) for status, response in operation.responses.items()
            for name in response.get("links", {})]


def documented(content: dict[str, dict], answer: Answer) -> str | None:
    """The answer's content type as the document writes it, whatever its parameters."""
    found = essence(answer.content_type or "")
    return next((content_type for content_type in content if essence(content_type) == found), None)


def unlike(example: Any, answer: Answer) -> str | None:
    """Where the answer differs from an example."""
    if is_json(answer.content_type or ""):
        return difference(example, json.loads(answer.body))
    return text_difference(example, answer.body.decode(errors="replace"))


def failures(operation: Operation) -> list[tuple[str, dict, str, str, Any]]:
    """The examples of errors that say how to get them: name, change of the request, status, content type, value."""
    found = []
    for status, response in operation.responses.items():
        for content_type, media in response.get("content", {}).items():
            for name, example in operation.examples(media).items():
                if "x-request" in example:
                    found.append((name, example["x-request"], status, content_type, example["value"]))
    return found


def worked(path: Path) -> list[str]:
    """What is wrong with the examples of the document at `path`."""
    # An append is committed at once, so that its task is completed when it is asked for.
    with Boathouse(environment={"BOATHOUSE_APPEND_WINDOW": "1"}) as server:
        server.load_sample()
        server.create_user(*READER)
        check = Worked(path, server)
        check.check()
    print(f"{path.name}: {len(check.operations)} operations, {check.requests} examples of requests and "
          f"{check.errors} of errors sent, {sum(check.links.values())} links followed", flush=True)
    return [f"{path.name}: {fault}" for fault in check.faults]
