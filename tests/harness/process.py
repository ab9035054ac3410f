"""Server processes: started, waited for until they say their address, ended with the test."""
import base64
import os
import re
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

from . import shop
from .places import REPOSITORY, binary

USERNAME, PASSWORD = "testuser", "testpass"
# Who the documents' examples sign in as, beside the admin account: a name, a password, an access.
READER = ("reader", "reader", "read")
SAMPLE = REPOSITORY / "src" / "demo" / "seattle-weather.csv"
READY_SECONDS = 60
STOP_SECONDS = 60


class Process:
    """A process that prints its address on standard output or standard error."""

    def __init__(self, command: list, address: str, environment: dict[str, str]) -> None:
        self.output: list[str] = []
        self.address: str | None = None
        self.pattern = re.compile(address)
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [str(part) for part in command], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        # Reads to the end, so that a full pipe never stops the process.
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.ready.wait(READY_SECONDS)
        if self.address is None:
            self.stop()
            raise RuntimeError(f"{command[0]} did not start:\n{''.join(self.output)}")

    def read(self) -> None:
        for line in self.process.stdout:
            self.output.append(line)
            found = self.pattern.search(line)
            if found and self.address is None:
                self.address = found.group(1)
                self.ready.set()
        self.ready.set()

    def stop(self) -> None:
        """Asks the process to end, and ends it by force if it does not; answers after it has."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class Boathouse(Process):
    """A server on a data directory, a fresh one unless given, and a free port. Ends with its `with` block."""

    def __init__(self, data: Path | None = None, *options: str, environment: dict[str, str] | None = None) -> None:
        self.fresh = None if data else tempfile.TemporaryDirectory(prefix="boathouse-test-")
        self.data = data or Path(self.fresh.name)
        admin = {"BOATHOUSE_ADMIN_USERNAME": USERNAME, "BOATHOUSE_ADMIN_PASSWORD": PASSWORD}
        # Checks try wrong credentials on every operation.
        admin["BOATHOUSE_WRONG_PASSWORDS"] = "1000000"
        command = [binary(), "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0", *options]
        super().__init__(command, r"^listening on (http://\S+)", os.environ | admin | (environment or {}))

    def __enter__(self) -> "Boathouse":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self.fresh:
            self.fresh.cleanup()

    def create_user(self, name: str, password: str, access: str) -> None:
        """Adds a user beside the running server."""
        command = [binary(), "user", "create", name, "--access", access, "--password-stdin", "--data-dir", self.data]
        subprocess.run(command, input=password, text=True, check=True, stdout=subprocess.DEVNULL)

    def post(self, path: str, body: bytes) -> bytes:
        """The answer to a request of the admin account; a refusal raises `urllib.error.HTTPError`."""
        request = urllib.request.Request(self.address + path, body, {"Authorization": authorization()})
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return answer.read()

    def load_sample(self) -> None:
        """The data of the documents' examples: the table `lakehouse.main.weather`, and the SQLite database `shop`."""
        self.post("/upload?catalog=lakehouse&schema=main&table=weather&mode=overwrite", SAMPLE.read_bytes())
        shop.load(self)


def authorization(name: str = USERNAME, password: str = PASSWORD) -> str:
    """Basic credentials as the `Authorization` header carries them."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
