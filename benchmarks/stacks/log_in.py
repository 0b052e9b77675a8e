"""Logs users in to a peer: `python -m benchmarks.stacks.log_in NAME`, with their keys as JSON on standard input.

Prints the header that each of them sends as JSON.
"""

import json
import sys
from importlib import import_module

if __name__ == "__main__":
    peer = import_module(f"benchmarks.stacks.{sys.argv[1]}")
    print(json.dumps(peer.log_in(json.load(sys.stdin))))
