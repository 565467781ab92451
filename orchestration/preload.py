"""What the fork server loads before its first child: all the code of a worker and of the writer.

The children share these pages as long as nobody writes to them, so the collector is told to leave them alone.
"""

import gc

import orchestration.bookmaker_worker
import orchestration.sources.simulator
import orchestration.writer_process  # noqa: F401  # loaded for its pages, used by the children
from orchestration.orphans import be_woken_at_parents_death

be_woken_at_parents_death()
gc.collect()
gc.freeze()
