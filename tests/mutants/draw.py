"""Draws the mutants that the tests are tried against: the same ones on every machine.

    cargo mutants --list --json -f 'sdk/src/check/**' -f 'sdk/src/waiter/**' \
        -f 'sdk/src/call/{classify,retry}.rs' -f 'sdk/src/call/redact/**' \
        -f 'codegen/src/emit/**' | python3 tests/mutants/draw.py [UNVIABLE]

Ten of each of the six areas, sixty in all, a name a line. The lines of the file UNVIABLE are names of mutants
that do not compile: others are drawn in their place. A mutant's turn is the hash of its name and the seed, so
neither the order of the list nor a new mutant changes whose turn is before whose.
"""

import hashlib
import json
import sys

SEED = "cloudnet 1"
OF_EACH = 10
AREAS = [
    "sdk/src/check/",
    "sdk/src/waiter/",
    "sdk/src/call/classify.rs",
    "sdk/src/call/retry.rs",
    "sdk/src/call/redact/",
    "codegen/src/emit/",
]


def turn(name):
    return hashlib.sha256(f"{SEED}\n{name}".encode()).digest()


def main():
    unviable = set(open(sys.argv[1]).read().splitlines()) if sys.argv[1:] else set()
    names = {mutant["name"] for mutant in json.load(sys.stdin)} - unviable
    for area in AREAS:
        of_area = sorted((name for name in names if name.startswith(area)), key=turn)
        print(*of_area[:OF_EACH], sep="\n")


main()
