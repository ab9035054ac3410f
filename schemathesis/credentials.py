"""Configuration of Schemathesis for one document and one principal, derived from the document's security schemes."""
import base64
import json
from pathlib import Path

from harness.tools import Failed
from seed import Principal

SHARED = Path(__file__).with_name("schemathesis.toml")


def configuration(document: dict, principal: Principal, token: str, alternative: int) -> str:
    """The shared configuration with credentials of `principal`, who has a session of this token.

    Where an operation takes several schemes, `alternative` says which one (0 the first, -1 the last): the schemes of a
    document are tested by different runs.
    """
    declared = document.get("components", {}).get("securitySchemes", {})
    wanted = {name for requirements in requirements_of(document) for name in requirements[alternative]}
    sections = [section(name, credentials(name, declared[name], principal, token)) for name in sorted(wanted)]
    return "\n".join([SHARED.read_text(), *sections])


def requirements_of(document: dict) -> list[list[dict]]:
    """The alternatives of every operation that takes credentials."""
    everywhere = document.get("security", [])
    operations = [
        operation for path in document["paths"].values() for operation in path.values() if isinstance(operation, dict)
    ]
    alternatives = [operation.get("security", everywhere) for operation in operations if "responses" in operation]
    # An empty alternative is an anonymous caller.
    return [named for given in alternatives if (named := [one for one in given if one])]


def credentials(name: str, scheme: dict, principal: Principal, token: str) -> dict[str, str]:
    """What a scheme wants of a principal, by the scheme's type."""
    pair = f"{principal.name}:{principal.password}"
    match scheme["type"], scheme.get("scheme", "").lower():
        case "http", "basic":
            return {"username": principal.name, "password": principal.password}
        case "http", "bearer" if scheme.get("bearerFormat", "").startswith("base64("):
            return {"bearer": base64.b64encode(pair.encode()).decode()}
        case "http", "bearer":
            return {"bearer": token}
        case "apiKey", _:
            return {"api_key": token}
    raise Failed(f"security scheme {name}: nothing here signs in by {scheme}")


def section(name: str, values: dict[str, str]) -> str:
    """A table of TOML, whose basic strings are those of JSON."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"\n[auth.openapi.{json.dumps(name)}]", *lines, ""])
