"""Single rows appended on 16 connections: acknowledged a second with and without waiting for the commit, beside one commit a
request."""
import json
import os
import selectors
import socket
import time
from pathlib import Path

from figures import Figure
from server import AUTHORIZATION, Server

CONNECTIONS = 16
ROUNDS = 3
SECONDS = 3.0
GOAL = 5_000
# How often faster than one commit a request.
GOAL_SYNC = 5.0
TICKS = os.sysconf("SC_CLK_TCK")


def measure(binary: Path) -> list[Figure]:
    """Best of three, in turn. Each client waits for its answer before it sends the next row."""
    with Server(binary) as server:
        waiting = Load(server, "asynchronous", "false", CONNECTIONS)
        together = Load(server, "synchronous", "true", CONNECTIONS)
        alone = Load(server, "one commit a request", "true", 1)
        loads = (waiting, together, alone)
        for _ in range(ROUNDS):
            for load in loads:
                load.run()
        for load in loads:
            load.check()
    rate, sync = waiting.best() / GOAL, together.best() / alone.best()
    return [
        Figure("single rows, 16 clients, acknowledged when durable", waiting.figure(), "", None,
               f"{GOAL:,} a second", rate >= 1),
        Figure("the same, acknowledged when committed", together.figure(), f"{alone.figure()} (one commit a request)",
               sync, f"speed > {GOAL_SYNC:.0f}", sync > GOAL_SYNC),
    ]


class Load:
    """Rows for a table of its own, one at a time on each connection."""

    def __init__(self, server: Server, name: str, sync: str, connections: int) -> None:
        self.server, self.name, self.connections = server, name, connections
        self.table = name.replace(" ", "_")
        self.address = server.address.rsplit(":", 1)
        head = f"POST /append?catalog=lakehouse&schema=main&table={self.table}&sync={sync} HTTP/1.1\r\n"
        head += f"Host: {server.address}\r\nAuthorization: {AUTHORIZATION}\r\nContent-Type: application/json\r\n"
        self.head = head.encode()
        self.sent = self.acknowledged = 0
        self.rates: list[float] = []
        self.cpu: list[float] = []

    def best(self) -> float:
        return max(self.rates)

    def figure(self) -> str:
        return f"{self.best():,.0f} rows/s"

    def request(self) -> bytes:
        self.sent += 1
        body = json.dumps({"n": self.sent, "at": "2026-01-02T03:04:05Z", "place": "pier 3", "level": 2.25}).encode()
        return self.head + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def run(self) -> None:
        """Adds one rate, in acknowledged rows a second. Ends the run when an answer is not as wanted."""
        selector = selectors.DefaultSelector()
        for _ in range(self.connections):
            connection = socket.create_connection((self.address[0], int(self.address[1])))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(self.request())
            selector.register(connection, selectors.EVENT_READ)
        before, answers, start = self.server_seconds(), 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < SECONDS:
            for key, _ in selector.select(timeout=SECONDS):
                self.receive(key.fileobj)
                answers += 1
                key.fileobj.sendall(self.request())
        used = self.server_seconds() - before
        # What is on its way is waited for, so that the rows can be counted.
        for key in list(selector.get_map().values()):
            self.receive(key.fileobj)
            key.fileobj.close()
        selector.close()
        self.rates.append(answers / elapsed)
        print(f"{self.name}: {answers / elapsed:,.0f} rows/s, {used / elapsed:.2f} cores of the server", flush=True)

    def receive(self, connection: socket.socket) -> None:
        """Reads one answer, which says that the row was accepted."""
        received = b""
        while b"}" not in received:
            piece = connection.recv(1 << 16)
            if not piece:
                raise SystemExit(f"{self.name}: the server closed the connection")
            received += piece
        if not received.startswith(b"HTTP/1.1 200") or b'"ok":true' not in received:
            raise SystemExit(f"{self.name}: {received.decode(errors='replace')}")
        self.acknowledged += 1

    def check(self) -> None:
        """Every acknowledged row is there once; an append that waits brings the others along."""
        statement = f"SELECT count(*), count(DISTINCT n) FROM {self.table}"
        deadline = time.monotonic() + 30
        while (rows := self.server.query(statement)) != [[self.acknowledged, self.acknowledged]]:
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name}: {self.acknowledged} rows were acknowledged, {rows} are there")
            time.sleep(0.1)

    def server_seconds(self) -> float:
        """Processor time of the server so far."""
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
