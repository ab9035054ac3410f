"""The turn of one operation: its examples, on a fresh server.

Where other examples go before, `x-after` of the operation, or of an example of an answer, lists them: `operation: example`.
What the links of these give takes the place of what the operation's own examples have under the same names.
"""
from typing import Any

import exchange
from exchange import Answer, NoExample, Request
from links import Absent, evaluated
from operations import Operation
from shown import Other, Shown

from harness.process import Boathouse


class Turn:
    """What goes on on one server, and what was found."""

    def __init__(self, operations: dict[str, Operation], server: Boathouse, operation: Operation) -> None:
        self.operations = operations
        self.server = server
        self.operation = operation
        self.shown = Shown(operation)
        self.faults: list[str] = []
        self.requests = self.others = 0
        # The examples that were sent: operation and name.
        self.sent: set[tuple[str, str]] = set()
        # What the links of examples that went before give, by the names of parameters.
        self.linked: dict[str, Any] = {}
        # Links of the operation's own answers, and those that were followed, by status and name.
        self.links: list[tuple[tuple[str, str], dict, Request, Answer]] = []
        self.followed: set[tuple[str, str]] = set()

    def fault(self, name: str, told: str) -> None:
        self.faults.append(f"{self.operation.id}{f' ({name})' if name else ''}: {told}")

    def take(self) -> None:
        """What is refused goes first: it changes nothing, or the examples after it would tell."""
        self.go_before(self.operation.after)
        try:
            requests = exchange.examples(self.operation, self.linked)
        except NoExample as missing:
            self.fault("", str(missing))
            return
        others = self.shown.others()
        for other in others:
            if other.refused:
                self.get(other, requests[0])
        for request in requests:
            if request.unsent is None:
                self.succeed(request)
        for other in others:
            if not other.refused:
                self.go_before(other.after)
                self.get(other, requests[0])
        for name, told in self.shown.unseen({request.name for request in requests if request.unsent is not None}):
            self.fault(name, told)
        self.follow_all()

    def go_before(self, examples: list[dict[str, str]]) -> None:
        """Sends the examples that go before, and those that go before these, each once."""
        for entry in examples:
            for before, name in entry.items():
                if (before, name) not in self.sent:
                    self.sent.add((before, name))
                    self.send_before(before, name)

    def send_before(self, before: str, name: str) -> None:
        operation = self.operations.get(before)
        if operation is None:
            self.fault("", f"x-after names {before}, which is not there")
            return
        self.go_before(operation.after)
        requests = exchange.examples(operation, self.linked)
        request = next((request for request in requests if request.name == name), None)
        if request is None:
            self.fault("", f"x-after names {before} ({name}), which is not there")
            return
        answer = exchange.send(self.server.address, request)
        if not succeeded(operation, answer):
            self.fault("", f"{before} ({name}), which goes before, answers {answer.status}: {answer.body[:500]!r}")
            return
        for link in operation.response(answer.status)[1].get("links", {}).values():
            try:
                self.linked |= values(operation.resolved(link), request, answer)
            except Absent:
                pass

    def succeed(self, request: Request) -> None:
        """An example of a request has the answer that the document shows under its name, or any that it shows."""
        answer = exchange.send(self.server.address, request)
        self.requests += 1
        operation = self.operation
        self.sent.add((operation.id, request.name))
        if not succeeded(operation, answer):
            self.fault(request.name, f"answers {answer.status}: {answer.body[:500]!r}")
            return
        status, response = operation.response(answer.status)
        if told := self.shown.told(request.name, answer, status):
            self.fault(request.name, told)
        for header, described in response.get("headers", {}).items():
            if operation.resolved(described).get("required") and header.lower() not in answer.headers:
                self.fault(request.name, f"the answer has no header {header}")
        for name, link in response.get("links", {}).items():
            self.links.append(((status, name), operation.resolved(link), request, answer))

    def get(self, other: Other, first: Request) -> None:
        """An example of an answer is what its `x-request` leads to."""
        answer = exchange.send(self.server.address, exchange.changed(first, other.name, other.changes))
        self.others += 1
        if told := self.shown.told_of(other, answer):
            self.fault(f"{other.status} {other.name}", told)

    def follow_all(self) -> None:
        """Every link that an example led to, those that remove something last: what is gone can be asked for no more."""
        known = []
        for key, link, request, answer in self.links:
            target = self.operations.get(link.get("operationId"))
            if target is None:
                self.fault(request.name, f"a link leads to {link.get('operationId')}, which is not there")
            else:
                known.append((key, target, link, request, answer))
        for found in sorted(known, key=lambda found: found[1].method == "delete"):
            self.follow(*found)
        for status, response in self.operation.responses.items():
            for name in response.get("links", {}):
                if (status, name) not in self.followed:
                    self.fault("", f"no example leads along the link {name} of {status}")

    def follow(self, key: tuple[str, str], target: Operation, link: dict, request: Request, answer: Answer) -> None:
        """The operation that a link leads to takes what it gives."""
        try:
            given = values(link, request, answer)
            body = evaluated(link["requestBody"], request, answer) if "requestBody" in link else None
        except Absent:
            return
        self.go_before(target.after)
        try:
            first = exchange.examples(target, self.linked | given)[0]
        except NoExample:
            return  # Told where the operation has its own turn.
        followed = exchange.changed(first, first.name, {} if body is None else {"body": body})
        found = exchange.send(self.server.address, followed)
        self.followed.add(key)
        if not succeeded(target, found):
            self.fault(request.name, f"the link to {target.id} answers {found.status}: {found.body[:500]!r}")


def succeeded(operation: Operation, answer: Answer) -> bool:
    """Whether it is a success: where the document has none of 2xx, one that leads a browser elsewhere is."""
    if answer.status // 100 == 3:
        return str(answer.status) in operation.responses and not any(status[0] == "2" for status in operation.responses)
    return answer.status // 100 == 2 and operation.response(answer.status) is not None


def values(link: dict, request: Request, answer: Answer) -> dict[str, Any]:
    """What a link gives. A name with its place before it is one of several parameters of that name."""
    given = evaluated(link.get("parameters", {}), request, answer)
    return {name.rpartition(".")[2]: value for name, value in given.items()}
