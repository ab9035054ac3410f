"""Python: installed by pip as a user would, and type-checked by mypy in its strict mode."""
from pathlib import Path

from harness.tools import run

from .language import BUILD, SCENARIOS, clients, found, python, workspace


class Python:
    """The client in Python."""

    name = "python"
    installed = BUILD / "python"

    def tools(self) -> dict[str, str]:
        return {"PYTHON": str(python())}

    def build(self) -> None:
        target = workspace(self.name)
        # Its only build tool, setuptools, comes from the environment and not from a registry at each run.
        options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--target", target)
        run([python(), "-m", "pip", "install", *options, *clients(self.name)])
        packages = [word for client in clients(self.name) for word in ("-p", self.package(client))]
        mypy = [python(), "-m", "mypy", "--strict", "--cache-dir", BUILD / "mypy"]
        run([*mypy, *packages], BUILD, {"MYPYPATH": str(target)})
        run([*mypy, SCENARIOS / "scenario.py"], BUILD, {"MYPYPATH": str(target)})

    def functions(self, client: Path) -> list[str]:
        modules = (client / self.package(client) / "api").rglob("*.py")
        return [module.stem for module in modules if found(r"^def (sync_detailed)\(", [module])]

    def package(self, client: Path) -> str:
        """The name by which a client is imported."""
        [package] = [file.parent.name for file in client.glob("*/client.py")]
        return package

    def scenario(self) -> tuple[list[object], dict[str, str]]:
        return [python(), "-B", SCENARIOS / "scenario.py"], {"PYTHONPATH": str(self.installed)}
