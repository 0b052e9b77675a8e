"""Import the application of each given project, in a separate process, with warnings as errors.

python -W error importing.py PROJECT:PACKAGE…
"""

import importlib
import os
import sys
from pathlib import Path

for library in ("fastapi", "pydantic", "pydantic_settings", "sqlalchemy.ext.asyncio", "structlog"):
    importlib.import_module(library)  # once, before the forks

failed = 0
for word in sys.argv[1:]:
    folder, package = word.rsplit(":", 1)
    if os.fork() == 0:
        sys.path.insert(0, folder)
        os.chdir(folder)
        module = importlib.import_module(f"{package}.asgi")
        found = Path(module.__file__ or "").parent
        os._exit(0 if found == Path(folder, package).resolve() else 1)
    if os.wait()[1]:
        print(f"{word}: its application is not imported", file=sys.stderr)
        failed += 1
sys.exit(failed > 0)
