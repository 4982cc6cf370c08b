"""`kill -9` during a broadcast: nobody is lost silently, nobody gets it twice, and what may have been in
flight is said to be unknown. The policies of others show that the trial notices."""

from bench.kill_broadcast import AT_MOST, PEOPLE, trial

SEED = 11


async def test_nobody_is_lost_and_nobody_gets_it_twice(database_url: str) -> None:
    verdict = await trial(database_url, "ours", SEED)
    assert verdict.good, verdict
    assert verdict.unknown <= AT_MOST * verdict.kills < PEOPLE


async def test_marking_after_sending_would_send_twice(database_url: str) -> None:
    """The control."""
    verdict = await trial(database_url, "mark after", SEED)
    assert verdict.twice, verdict
    assert not verdict.lost, verdict


async def test_marking_before_sending_would_lose_some(database_url: str) -> None:
    """The control."""
    verdict = await trial(database_url, "mark before", SEED)
    assert verdict.lost, verdict
    assert not verdict.twice, verdict
