"""Run benchmarks: `python -m benchmarks [--quick] [--json] [NAME ...]`.

Exits with 0 when every target was met, 1 when one was missed or a benchmark failed, 2 for an unknown name.
"""

import argparse
import sys
import time
import traceback

from benchmarks import harness


def main() -> int:
    """Run what the command line names, or all, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, against yardsticks.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(harness.names())}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="smaller data, rougher figures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    words = parser.parse_args()
    unknown = set(words.names) - set(harness.names())
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(harness.names())}")
    figures: list[harness.Figure] = []
    failures: dict[str, str] = {}
    for name in words.names or harness.names():
        began = time.monotonic()
        try:
            found = harness.load(name)(words.quick)
        except Exception as error:  # noqa: BLE001 - one that fails must not hide the figures of the others
            failures[name] = f"{type(error).__name__}: {error}"
            print(traceback.format_exc(), file=sys.stderr)
            continue
        figures += found
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        if not words.json:
            print(harness.as_table(found), flush=True)
    if words.json:
        print(harness.as_json(figures, failures))
    return 0 if not failures and all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
