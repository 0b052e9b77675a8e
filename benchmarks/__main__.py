"""Run the named benchmarks, or all of them."""

import argparse
import sys
from importlib import import_module

NAMES = (
    "admin",
    "auth",
    "bulk",
    "commands",
    "jobs",
    "keyset",
    "nested",
    "repository",
    "scale",
    "service",
    "start",
    "telemetry",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    for name in names:
        if name not in NAMES:
            sys.stderr.write(f"{name!r} is not a benchmark. Choose from {', '.join(NAMES)}\n")
            return 2
    for name in names:
        import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
