"""TypeScript: compiled by tsc in its strict mode, run by Node.js."""
import json
import shutil
from pathlib import Path

from harness.tools import node, node_environment, node_packages, run

from .language import BUILD, GENERATED, SCENARIOS, clients, found, workspace


class TypeScript:
    """The client in TypeScript."""

    name = "typescript"
    products = ("altertable", "airsequel")
    workspace = BUILD / "typescript"

    def packages(self) -> Path:
        """Where the generator and the compiler are installed."""
        return node_packages("generated-packages", GENERATED / "package.json") / "node_modules"

    def tools(self) -> dict[str, str]:
        return {"OPENAPI_TS": str(self.packages() / ".bin" / "openapi-ts")} | node_environment()

    def build(self) -> None:
        directory = workspace(self.name)
        for client in clients(self.name):
            # As `npm install ./client` links a directory.
            modules = directory / "node_modules"
            modules.mkdir(exist_ok=True)
            (modules / json.loads((client / "package.json").read_text())["name"]).symlink_to(client)
        (modules / "@types").symlink_to(self.packages() / "@types")
        scenarios = [f"{product}.ts" for product in self.products]
        for scenario in scenarios:
            shutil.copy(SCENARIOS / scenario, directory)
        (directory / "package.json").write_text('{ "type": "module" }\n')
        options = {"target": "ES2022", "module": "NodeNext", "strict": True, "skipLibCheck": True,
                   "types": ["node"], "lib": ["ES2022", "DOM", "DOM.AsyncIterable"]}
        (directory / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": scenarios}))
        tsc = [self.packages() / ".bin" / "tsc", "--build", *clients(self.name), directory]
        run(tsc, directory, node_environment())

    def functions(self, client: Path) -> list[str]:
        return found(r"^export const (\w+) = <", [client / "src" / "sdk.gen.ts"])

    def scenario(self, product: str) -> tuple[list[object], dict[str, str]]:
        return [node() / "node", self.workspace / f"{product}.js"], {}
