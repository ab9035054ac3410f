"""Java: compiled by javac. The generator's archive has the libraries that clients take but for one."""
from pathlib import Path

from harness.tools import debian_packages, run

from .language import BUILD, SCENARIOS, clients, found, openapi_generator, program, python, workspace

JDK = "default-jdk-headless"
# What clients write bodies in parts with.
PARTS, PARTS_PACKAGE = Path("/usr/share/java/httpmime.jar"), "libhttpmime-java"


class Java:
    """The client in Java."""

    name = "java"
    products = ("altertable",)
    workspace = BUILD / "java"

    def tools(self) -> dict[str, str]:
        return openapi_generator()

    def libraries(self) -> list[Path]:
        """The archives with the libraries."""
        [archive] = python().parents[1].glob("lib/python*/site-packages/openapi_generator_cli/openapi-generator.jar")
        if not PARTS.exists():
            debian_packages(PARTS_PACKAGE)
        return [archive, PARTS]

    def build(self) -> None:
        directory = workspace(self.name)
        for client in clients(self.name):
            self.compile(sorted((client / "src" / "main" / "java").rglob("*.java")), directory / client.name, [])
        self.compile([SCENARIOS / "Scenario.java"], directory / "scenario", [directory / "altertable"])

    def compile(self, sources: list[Path], target: Path, classes: list[Path]) -> None:
        """Runs the compiler."""
        target.mkdir()
        listed = target.with_suffix(".sources")
        listed.write_text("".join(f'"{source}"\n' for source in sources))
        path = ":".join(str(place) for place in [*self.libraries(), *classes])
        run([program("javac", JDK), "-nowarn", "-d", target, "-cp", path, f"@{listed}"], BUILD)

    def functions(self, client: Path) -> list[str]:
        return found(r"^  public ApiResponse<.*> (\w+)WithHttpInfo\(", sorted(client.rglob("api/*.java")))

    def scenario(self, product: str) -> tuple[list[object], dict[str, str]]:
        classes = (self.workspace / product, self.workspace / "scenario")
        path = ":".join(str(place) for place in (*self.libraries(), *classes))
        return [program("java", JDK), "-cp", path, "Scenario"], {}
