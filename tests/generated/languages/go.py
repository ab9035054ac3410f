"""Go: built with the standard library alone, without downloads."""
import shutil
from pathlib import Path

from harness.places import CACHE
from harness.tools import run

from .language import BUILD, CLIENTS, SCENARIOS, clients, found, openapi_generator, program, workspace

PACKAGE = "golang-go"
MODULE = """module scenario

go 1.19

require boathouse/altertable v0.0.0

replace boathouse/altertable => {client}
"""


class Go:
    """The client in Go."""

    name = "go"
    products = ("altertable",)
    workspace = BUILD / "go"
    environment = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOCACHE": str(CACHE / "go-cache")}

    def tools(self) -> dict[str, str]:
        return openapi_generator()

    def build(self) -> None:
        directory = workspace(self.name)
        for client in clients(self.name):
            run([program("go", PACKAGE), "vet", "./..."], client, self.environment)
        shutil.copy(SCENARIOS / "scenario.go", directory)
        (directory / "go.mod").write_text(MODULE.format(client=CLIENTS / self.name / "altertable"))
        run([program("go", PACKAGE), "build", "-o", "scenario", "."], directory, self.environment)

    def functions(self, client: Path) -> list[str]:
        return found(r"^func \(a \*\w+\) (\w+)Execute\(", sorted(client.glob("api_*.go")))

    def scenario(self, _product: str) -> tuple[list[object], dict[str, str]]:
        return [self.workspace / "scenario"], {}
