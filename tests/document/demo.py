"""Fresh demo servers: the demo's data is loaded once, and each server starts on a copy of it."""
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.process import READER, Boathouse

# An append is committed at once, so that its task is completed when it is asked for.
ENVIRONMENT = {"BOATHOUSE_APPEND_WINDOW": "1"}


class Demo:
    """The demo's data. It is gone after the `with` block."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="boathouse-examples-")
        self.loaded = Path(self.folder.name) / "loaded"
        self.loaded.mkdir()

    def __enter__(self) -> "Demo":
        with Boathouse(self.loaded, environment=ENVIRONMENT) as server:
            server.load_sample()
            server.create_user(*READER)
        return self

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()

    @contextmanager
    def fresh(self) -> Iterator[Boathouse]:
        """A server that nobody has changed anything on."""
        with tempfile.TemporaryDirectory(dir=self.folder.name) as data:
            shutil.copytree(self.loaded, data, dirs_exist_ok=True)
            with Boathouse(Path(data), environment=ENVIRONMENT) as server:
                yield server
