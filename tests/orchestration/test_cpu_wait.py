"""What the system tells of a process that is kept from running."""

import os
import sys

import pytest

from orchestration.cpu_wait import waited_for_cpu_s


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the kernel counts it")
def test_a_crowded_processor_keeps_its_processes_waiting() -> None:
    crowd = [os.posix_spawn(sys.executable, [sys.executable, "-c", _BUSY], os.environ) for _ in range(2)]
    try:
        while min(map(waited_for_cpu_s, crowd)) < 0.02:
            pass
    finally:
        for pid in crowd:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def test_of_a_process_that_is_gone_nothing_is_known() -> None:
    assert waited_for_cpu_s(2**22 + 1) == 0.0


_BUSY = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
