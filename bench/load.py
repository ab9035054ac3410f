"""Requests on several connections at once, sent by one thread that looks at no more of an answer than its status."""
import selectors
import socket
import time
from collections.abc import Callable

ROUNDS = 3
SECONDS = 3.0


def request(address: str, line: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request; `Content_Type="text/csv"` is the header Content-Type."""
    head = f"{line} HTTP/1.1\r\nHost: {address}\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    if body or line.startswith("POST"):
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Load:
    """Requests that `make` gives, `depth` of them under way on each connection; counts the answers with one status.

    More than one under way on a connection costs this client little and never lets the server idle; with one, each
    connection waits for its answer as a plain client does.
    """

    def __init__(self, name: str, address: str, make: Callable[[], bytes], connections: int, depth: int = 1,
                 status: int = 200) -> None:
        self.name, self.make, self.connections, self.depth = name, make, connections, depth
        self.wanted = f"HTTP/1.1 {status} ".encode()
        self.address = address.rsplit(":", 1)
        self.rates: list[float] = []
        self.answers = 0

    def best(self) -> float:
        return max(self.rates)

    def figure(self) -> str:
        return f"{self.best():,.0f} requests/s"

    def run(self) -> None:
        """Adds one rate, in answers a second. Ends the run when they stop or are not as wanted."""
        selector = selectors.DefaultSelector()
        for _ in range(self.connections):
            connection = socket.create_connection((self.address[0], int(self.address[1])))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(b"".join(self.make() for _ in range(self.depth)))
            selector.register(connection, selectors.EVENT_READ, bytearray())
        answers, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < SECONDS:
            ready = selector.select(timeout=SECONDS)
            if not ready:
                raise SystemExit(f"{self.name}: no more answers with {self.wanted.decode()}")
            for key, _ in ready:
                count = self.receive(key.fileobj, key.data)
                if count:
                    key.fileobj.sendall(b"".join(self.make() for _ in range(count)))
                answers += count
        # What is under way is waited for: what it changed can be counted.
        waiting = self.connections * self.depth
        while waiting and (ready := selector.select(timeout=SECONDS)):
            for key, _ in ready:
                count = self.receive(key.fileobj, key.data)
                waiting -= count
                self.answers += count
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        selector.close()
        self.answers += answers
        self.rates.append(answers / elapsed)
        print(f"{self.name}: {answers / elapsed:,.0f} requests/s", flush=True)

    def receive(self, connection: socket.socket, rest: bytearray) -> int:
        """Counts the wanted status lines in what arrived."""
        received = connection.recv(1 << 20)
        if not received:
            raise SystemExit(f"{self.name}: the server closed the connection after {bytes(rest)!r}")
        text = bytes(rest) + received
        if text.count(b"HTTP/1.1 ") > text.count(self.wanted) and not text.endswith(b"HTTP/1.1 "):
            raise SystemExit(f"{self.name}: not {self.wanted.decode()}: {text[:500].decode(errors='replace')}")
        # Too short for a whole status line: one that two reads share is counted once.
        rest[:] = text[-len(self.wanted) + 1:]
        return text.count(self.wanted)
