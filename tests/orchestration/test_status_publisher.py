"""What the supervisor says of the writer on the live board."""

from pathlib import Path
from typing import cast

from data_layer.messages import InstanceInfo, Ready, Report, WriterHealth
from orchestration.live_board import LiveBoard
from orchestration.processes import Child
from orchestration.status_publisher import StatusPublisher
from orchestration.supervised_child import SupervisedChild, SupervisionPolicy


class Loading:
    """A writer process that was started and reports when it is asked to."""

    pid = 7

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def receive(self) -> list[Report]:
        return self.reports

    def has_ended(self) -> bool:
        return False


def test_a_writer_that_cannot_begin_has_its_own_trouble_as_the_reason(tmp_path: Path) -> None:
    board = LiveBoard.create(tmp_path / "live.board", 0)
    process = Loading()
    writer = SupervisedChild(
        "writer",
        launch=lambda: cast(Child, process),
        heartbeat_us=lambda _: None,
        on_line=lambda _: None,
        policy=SupervisionPolicy(),
    )
    info = InstanceInfo(pid=1, started_at_us=1, heartbeat_us=0, command="test", writer_address="")
    publisher = StatusPublisher(board, info, {})

    def reason() -> str:
        publisher.publish({}, writer)
        instance = board.snapshot().instance
        assert instance is not None
        return instance.writer_reason

    writer.launch(0.0)
    assert reason() == ""
    board.write_writer(WriterHealth(pid=6, heartbeat_us=1, trouble="of the one before"))
    assert reason() == ""
    board.write_writer(WriterHealth(pid=7, heartbeat_us=1, trouble="the disk is full"))
    assert reason() == "the disk is full"
    process.reports.append(Ready())
    writer.attend(1.0)
    assert reason() == ""
    board.close()
