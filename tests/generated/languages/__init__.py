"""What each language needs to generate, build and run its client."""
from .go import Go
from .java import Java
from .language import Language
from .python import Python
from .rust import Rust
from .typescript import TypeScript

ALL: dict[str, Language] = {language.name: language for language in (Python(), TypeScript(), Rust(), Java(), Go())}
# What takes no further compiler.
DEFAULT = ("python", "typescript", "rust")
