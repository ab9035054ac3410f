"""Python: installed by pip as a user would, and type-checked by mypy in its strict mode."""
from pathlib import Path

from harness.tools import run

from .language import BUILD, SCENARIOS, clients, found, python, workspace


class Python:
    """The client in Python."""

    name = "python"
    products = ("altertable", "airsequel")
    installed = BUILD / "python"

    def tools(self) -> dict[str, str]:
        return {"PYTHON": str(python())}

    def build(self) -> None:
        target = workspace(self.name)
        # Its only build tool, setuptools, comes from the environment and not from a registry at each run.
        options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--target", target)
        run([python(), "-m", "pip", "install", *options, *clients(self.name)])
        packages = [word for client in clients(self.name) for word in ("-p", self.package(client))]
        # The generator casts every list, those of any values as well.
        mypy = [python(), "-m", "mypy", "--strict", "--no-warn-redundant-casts", "--cache-dir", BUILD / "mypy"]
        run([*mypy, *packages], BUILD, {"MYPYPATH": str(target)})
        for product in self.products:
            run([*mypy, SCENARIOS / f"{product}.py"], BUILD, {"MYPYPATH": str(target)})

    def functions(self, client: Path) -> list[str]:
        modules = (client / self.package(client) / "api").rglob("*.py")
        return [module.stem for module in modules if found(r"^def (sync_detailed)\(", [module])]

    def package(self, client: Path) -> str:
        """The name by which a client is imported."""
        [package] = [file.parent.name for file in client.glob("*/client.py")]
        return package

    def scenario(self, product: str) -> tuple[list[object], dict[str, str]]:
        return [python(), "-B", SCENARIOS / f"{product}.py"], {"PYTHONPATH": str(self.installed)}
