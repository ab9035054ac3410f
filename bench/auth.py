"""Requests a second with Basic credentials, beside the same requests without."""
import json
import selectors
import socket
import time
from pathlib import Path

from figures import Figure
from server import AUTHORIZATION, Server

CONNECTIONS = 16
# Several requests wait on each connection, so that this client costs little and the server never idles.
DEPTH = 16
ROUNDS = 3
SECONDS = 3.0


def measure(binary: Path) -> list[Figure]:
    """Best of three, in turn. The same request with and without credentials tells what a credential costs."""
    # A format that does not exist: with credentials the request is read and refused before any SQL.
    query = {"statement": "SELECT 1", "format": "none"}
    with Server(binary) as server:
        health = Load(server.address, "GET /healthz", None, False, 200)
        anonymous = Load(server.address, "POST /query", query, False, 401)
        known = Load(server.address, "POST /query", query, True, 400)
        validate = Load(server.address, "POST /validate", {"statement": "SELECT 1"}, True, 200)
        for _ in range(ROUNDS):
            for load in (health, anonymous, known, validate):
                load.run()
    rate = known.best() / anonymous.best()
    return [
        Figure("POST /query, refused, with and without credentials", known.figure(), f"{anonymous.figure()} (without)",
               rate, "speed > 0.5", rate > 0.5),
        Figure("GET /healthz", health.figure()),
        Figure("POST /validate of SELECT 1, with credentials", validate.figure(), f"{health.figure()} (GET /healthz)",
               validate.best() / health.best()),
    ]


class Load:
    """One request, sent over and over on all connections."""

    def __init__(self, address: str, line: str, body: dict | None, signed_in: bool, status: int) -> None:
        content = json.dumps(body).encode() if body else b""
        headers = f"{line} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(content)}\r\n"
        if content:
            headers += "Content-Type: application/json\r\n"
        if signed_in:
            headers += f"Authorization: {AUTHORIZATION}\r\n"
        self.line = f"{line} {'with' if signed_in else 'without'} credentials"
        self.request = headers.encode() + b"\r\n" + content
        self.wanted = f"HTTP/1.1 {status} ".encode()
        self.address = address.rsplit(":", 1)
        self.rates: list[float] = []

    def best(self) -> float:
        return max(self.rates)

    def figure(self) -> str:
        return f"{self.best():,.0f} requests/s"

    def run(self) -> None:
        """Adds one rate, in requests a second. Ends the run when the answers stop or are not as wanted."""
        selector = selectors.DefaultSelector()
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((self.address[0], int(self.address[1])))
            connection.sendall(self.request * DEPTH)
            selector.register(connection, selectors.EVENT_READ, bytearray())
        answers, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < SECONDS:
            ready = selector.select(timeout=SECONDS)
            if not ready:
                raise SystemExit(f"{self.line}: no more answers with {self.wanted.decode()}")
            answers += sum(self.receive(key.fileobj, key.data) for key, _ in ready)
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        selector.close()
        self.rates.append(answers / elapsed)
        print(f"{self.line}: {answers / elapsed:,.0f} requests/s", flush=True)

    def receive(self, connection: socket.socket, rest: bytearray) -> int:
        """Counts the wanted status lines in what arrived, and sends as many new requests."""
        received = connection.recv(1 << 20)
        if not received:
            raise SystemExit(f"{self.line}: the server closed the connection")
        text = bytes(rest) + received
        count = text.count(self.wanted)
        # Too short for a whole status line: one that two reads share is counted once.
        rest[:] = text[-len(self.wanted) + 1:]
        if count:
            connection.sendall(self.request * count)
        return count
