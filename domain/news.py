"""What a payment provider tells at once, in whatever order: which of it is true last of all. Pure."""

from collections.abc import Sequence

from domain.gateways import News, Proof, State, SubscriptionNews

_RANK = {State.OPEN: 0, State.CLOSED: 0, State.PAID: 1, State.REFUNDED: 2, State.DISPUTED: 3}


def latest(news: Sequence[News]) -> list[News]:
    """One word on each charge: what is true last of all that is said of it. Of one that went back in part,
    that it came is said before."""
    kept: dict[object, News] = {}
    for place, one in enumerate(news):
        if isinstance(one, SubscriptionNews):
            kept["subscription", one.subscription] = one
            continue
        key = ("charge", one.charge_id) if one.charge_id else ("checkout", place)
        known = kept.get(key)
        if isinstance(known, Proof) and known.state is State.PAID and _partly(one, known):
            kept["came", one.charge_id] = kept.pop(key)  # what was not given back still counts
            known = None
        if not isinstance(known, Proof) or _RANK[one.state] >= _RANK[known.state]:
            kept[key] = one
    return list(kept.values())


def _partly(back: Proof, came: Proof) -> bool:
    """Whether a part only of what came went back."""
    if back.state is not State.REFUNDED or back.paid is None or came.paid is None:
        return False
    return back.paid.minor < came.paid.minor
