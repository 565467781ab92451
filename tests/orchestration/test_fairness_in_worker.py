"""Provable fairness in a real worker: rounds are verified as they come."""

from pathlib import Path

from config.specs import FairnessSpec, ReplaySpec
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.messages import Flag, Gap, LogLine
from tests.orchestration.worker_rig import WorkerRig


def test_recorded_rounds_that_carry_hashes_are_verified_as_they_come(rig: WorkerRig, tmp_path: Path) -> None:
    scheme = SCHEMES["bustabit-v2"]
    hashes = scheme.chain.block("ab" * 32, 50)
    rows = [[number, scheme.crash_centi(hash_) / 100, hash_] for number, hash_ in enumerate(hashes, start=1)]
    rows[9][1] = 31337.0
    del rows[20:25]
    path = tmp_path / "hashed.csv"
    path.write_text(
        "round_id,crash_point,hash\n" + "".join(f"{n},{crash:.2f},{hash_}\n" for n, crash, hash_ in rows)
    )
    source = ReplaySpec(path=path, speed=0)
    rig.change(source=source, fairness=FairnessSpec(scheme="bustabit-v2"))
    rig.writer.start()
    rig.start()
    ending = rig.wait_for_end()
    assert ending is not None
    assert ending.finished
    found = {one.round_id: one for one in rig.writer.rounds()}
    assert len(found) == 45
    assert [round_id for round_id, one in found.items() if one.verified is not True] == ["10"]
    assert found["10"].verified is False
    assert [round_id for round_id, one in found.items() if one.flags & Flag.GAP_BEFORE] == ["26"]
    (gap,) = [record for _, record in rig.writer.committed if isinstance(record, Gap)]
    assert gap.missing == 5
    assert sum("not verified" in report.text for report in rig.reports if isinstance(report, LogLine)) == 1
