"""Run benchmarks: `python -m benchmarks [--quick] [--json] [NAME ...]`.

Each runs in a process of its own, in a directory for temporary files that is removed with all it left there,
and with a limit to its time, after which it and its children are ended. Exits with 0 when every target was
met, 1 when one was missed or a benchmark failed, 2 for an unknown name.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks import harness
from benchmarks.harness import Figure

LIMIT_S, QUICK_LIMIT_S = 900, 100  # seconds for one benchmark
_ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run what the command line names, or all, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, against yardsticks.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(harness.names())}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="smaller data, rougher figures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--here", action="store_true", help="in this process, without a limit, for profilers")
    words = parser.parse_args()
    unknown = set(words.names) - set(harness.names())
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(harness.names())}")
    figures: dict[str, list[Figure]] = {}
    failures: dict[str, str] = {}
    for name in words.names or harness.names():
        began = time.monotonic()
        try:
            figures[name] = harness.load(name)(words.quick) if words.here else run_apart(name, words.quick)
        except Exception as error:
            if words.here:
                raise
            failures[name] = str(error)  # one that fails must not hide the figures of the others
        if not words.here:
            outcome = f"failed: {failures[name]}" if name in failures else "done"
            print(f"{name}: {outcome} after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(harness.as_json(figures, failures) if words.json else harness.as_table(figures))
    met = all(figure.met for some in figures.values() for figure in some)
    return 0 if met and not failures else 1


def run_apart(name: str, quick: bool) -> list[Figure]:
    """Run one benchmark in a process of its own and return its figures. Raises `RuntimeError`."""
    command = [sys.executable, "-m", "benchmarks", "--here", "--json", *(["--quick"] if quick else []), name]
    limit_s = QUICK_LIMIT_S if quick else LIMIT_S
    with tempfile.TemporaryDirectory(prefix="aviator-", ignore_cleanup_errors=True) as directory:
        # As an installed program does, everything finds its bytecode where its first start has left it.
        environment = {"PYTHONPYCACHEPREFIX": f"{directory}/bytecode", **os.environ}
        environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), directory)
        environment["PYTHONDONTWRITEBYTECODE"] = ""
        with subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                output, _ = process.communicate(timeout=limit_s)
            except subprocess.TimeoutExpired:
                raise RuntimeError(f"it took longer than {limit_s} s") from None
            finally:
                _end_family(process.pid)
    if not output:
        raise RuntimeError(f"exit code {process.returncode}; see above")
    return [Figure.from_json_object(found) for found in json.loads(output)["figures"]]


def _end_family(pid: int) -> None:
    """End a benchmark that still runs, with all its children. Theirs end themselves when a parent dies."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=10)


if __name__ == "__main__":
    sys.exit(main())
