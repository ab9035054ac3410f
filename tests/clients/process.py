"""Server processes: started, waited for until they say their address, ended with the test."""
import os
import re
import subprocess
import threading
from pathlib import Path

USERNAME, PASSWORD = "testuser", "testpass"
READY_SECONDS = 60
STOP_SECONDS = 60


def binary() -> Path:
    """The server binary: BOATHOUSE_BIN, or what `cargo build --release` made."""
    if path := os.environ.get("BOATHOUSE_BIN"):
        return Path(path)
    cache = Path(os.environ.get("BOATHOUSE_CACHE", Path.home() / ".cache" / "boathouse"))
    return Path(os.environ.get("CARGO_TARGET_DIR", cache / "target")) / "release" / "boathouse"


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
    """A server on a data directory and a free port."""

    def __init__(self, data: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.data = data
        admin = {"BOATHOUSE_ADMIN_USERNAME": USERNAME, "BOATHOUSE_ADMIN_PASSWORD": PASSWORD}
        command = [binary(), "serve", "--data-dir", data, "--listen", "127.0.0.1:0", *options]
        super().__init__(command, r"^listening on (http://\S+)", os.environ | admin | (environment or {}))
