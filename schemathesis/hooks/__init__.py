"""What Schemathesis is taught about this server: generators, checks, exclusions, and the figures of a run.

Nothing here names an operation, except in `products`: a module there, found by itself, says what a product's document
cannot, such as which tables exist. A product without one is tested with what its document says.
"""
import importlib
import pkgutil

import tracecov.schemathesis

from . import checks, framing, media_types, products, record  # noqa: F401

tracecov.schemathesis.install()

for module in pkgutil.iter_modules(products.__path__):
    importlib.import_module(f"{products.__name__}.{module.name}")

# Last, because the exclusions refer to what the modules of products know.
from . import exclusion_filter  # noqa: E402, F401
