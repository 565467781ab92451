"""Several commits told as one: for whoever tells less often than the writer commits."""

from data_layer.messages import Committed, CommittedRounds

BRIEFS = 32  # newest rounds of a bookmaker that one telling names at most


def merged(earlier: Committed | None, later: Committed) -> Committed:
    """Return both as one event, of the later version."""
    if earlier is None:
        return later
    shares = {share.bookmaker: share for share in earlier.rounds}
    for share in later.rounds:
        before = shares.get(share.bookmaker)
        if before is not None:
            share = CommittedRounds(
                bookmaker=share.bookmaker,
                count=before.count + share.count,
                newest=(*before.newest, *share.newest)[-BRIEFS:],
            )
        shares[share.bookmaker] = share
    return Committed(
        version=max(earlier.version, later.version),
        committed_at_us=later.committed_at_us,
        rounds=tuple(shares.values()),
        bets=earlier.bets + later.bets,
        rgb_samples=earlier.rgb_samples + later.rgb_samples,
    )
