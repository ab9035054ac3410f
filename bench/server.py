"""A Boathouse server of its own for one benchmark: fresh data directory, free port, one admin account."""
import base64
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

USERNAME, PASSWORD = "bench", "bench-password"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
READY_SECONDS = 60
STOP_SECONDS = 60
REQUEST_SECONDS = 1800


class Server:
    """Starts with the object; ends, with its data, when the `with` block does."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary
        self.directory = Path(tempfile.mkdtemp(prefix="boathouse-bench-"))
        self.log = self.directory / "server.log"
        self.start()

    def start(self) -> None:
        """Starts on the data directory as it is and waits for the line that says the address."""
        environment = os.environ | {"BOATHOUSE_ADMIN_USERNAME": USERNAME, "BOATHOUSE_ADMIN_PASSWORD": PASSWORD}
        command = [self.binary, "serve", "--data-dir", self.directory / "data", "--listen", "127.0.0.1:0"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        watchdog = threading.Timer(READY_SECONDS, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            if line.startswith("listening on http://"):
                self.address = line.split("//", 1)[1].strip()
                break
        else:
            raise SystemExit(f"the server did not start:\n{self.log.read_text()}")
        watchdog.cancel()

    def stop(self) -> None:
        """Asks the server to end and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=STOP_SECONDS)
        self.process.stdout.close()

    def restart(self) -> None:
        """A new process on the same data: its peak memory starts at nothing."""
        self.stop()
        self.start()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory)

    def memory_mb(self, field: str) -> float:
        """Resident memory of the process in MB: `VmRSS` now, `VmHWM` at its peak."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1000
        raise SystemExit(f"no {field} of process {self.process.pid}")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=REQUEST_SECONDS)

    def query(self, statement: str, connection: http.client.HTTPConnection | None = None) -> list:
        """The rows of a statement, each a list."""
        connection = connection or self.connect()
        body = json.dumps({"statement": statement})
        connection.request("POST", "/query", body, {"Authorization": AUTHORIZATION, "Content-Type": "application/json"})
        lines = checked(connection.getresponse()).splitlines()
        last = json.loads(lines[-1])
        if isinstance(last, dict):
            raise SystemExit(f"{statement[:200]}\nfailed: {last}")
        return [json.loads(line) for line in lines[2:]]

    def upload(self, table: str, path: Path, copies: int = 1) -> tuple[float, int]:
        """Uploads a file into a new table and answers with the seconds it took and the bytes of the body.

        With more than one copy the body is the file followed by its lines without the first, as often as that.
        """
        with path.open("rb") as file:
            header = len(file.readline()) if copies > 1 else 0
            size = path.stat().st_size
            length = size + (copies - 1) * (size - header)
            target = {"catalog": "lakehouse", "schema": "main", "table": table, "mode": "create"}
            connection = self.connect()
            start = time.perf_counter()
            connection.putrequest("POST", "/upload?" + urllib.parse.urlencode(target))
            connection.putheader("Authorization", AUTHORIZATION)
            connection.putheader("Content-Length", str(length))
            connection.endheaders()
            try:
                # The kernel sends the file, so that the client takes next to nothing of the two cores.
                connection.sock.sendfile(file, 0, size)
                for _ in range(copies - 1):
                    connection.sock.sendfile(file, header, size - header)
            except (BrokenPipeError, ConnectionResetError):
                pass  # Refused before the end: the answer says why.
            checked(connection.getresponse())
            return time.perf_counter() - start, length


def checked(response: http.client.HTTPResponse) -> bytes:
    """The body of a good answer."""
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"HTTP {response.status}: {body[:2000].decode(errors='replace')}")
    return body
