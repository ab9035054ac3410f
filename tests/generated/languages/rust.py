"""Rust: built by cargo in a workspace and target directory of its own, with a lock file."""
import shutil
import tomllib
from pathlib import Path

from harness.places import CACHE
from harness.tools import Failed, run

from .language import BUILD, GENERATED, SCENARIOS, clients, found, tools_directory

PROGENITOR = "0.15.1"
WORKSPACE = GENERATED / "rust"


class Rust:
    """The client in Rust."""

    name = "rust"
    products = ("altertable", "airsequel")
    workspace = BUILD / "rust"
    environment = {"CARGO_TARGET_DIR": str(CACHE / "generated-target")}

    def tools(self) -> dict[str, str]:
        directory = tools_directory()
        record = directory / ".crates.toml"
        if not (record.exists() and f'"cargo-progenitor {PROGENITOR} ' in record.read_text()):
            install = ["cargo", "install", "--quiet", "--locked", "--debug", "--root", directory]
            run([*install, "cargo-progenitor", "--version", PROGENITOR], None, self.environment)
        return {"CARGO_PROGENITOR": str(directory / "bin" / "cargo-progenitor")}

    def build(self) -> None:
        self.workspace.mkdir(exist_ok=True)
        scenarios = [SCENARIOS / f"{product}.rs" for product in self.products]
        for file in (WORKSPACE / "Cargo.toml", WORKSPACE / "Cargo.lock", *scenarios):
            shutil.copy(file, self.workspace)
        kept = {bring(client, self.workspace / "clients" / client.name) for client in clients(self.name)}
        for old in set((self.workspace / "clients").iterdir()) - kept:
            shutil.rmtree(old)
        # Without --locked: a document that is new adds its client to the lock file, and nothing else.
        run(["cargo", "build", "--quiet", "--workspace"], self.workspace, self.environment)
        if locked(self.workspace) != locked(WORKSPACE):
            raise Failed(f"dependencies have changed: copy {self.workspace / 'Cargo.lock'} to {WORKSPACE}")

    def functions(self, client: Path) -> list[str]:
        return found(r"^    pub fn (\w+)\(&self\) -> builder::", [client / "src" / "lib.rs"])

    def scenario(self, product: str) -> tuple[list[object], dict[str, str]]:
        return [CACHE / "generated-target" / "debug" / product], {}


def bring(source: Path, target: Path) -> Path:
    """Copies a directory but for files that are there already, which cargo then does not compile again."""
    files = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    for file in files:
        if not ((target / file).exists() and (target / file).read_bytes() == (source / file).read_bytes()):
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)
    return target


def locked(directory: Path) -> set[tuple[str, str]]:
    """Names and versions of what a lock file takes from a registry."""
    packages = tomllib.loads((directory / "Cargo.lock").read_text())["package"]
    return {(package["name"], package["version"]) for package in packages if "source" in package}
