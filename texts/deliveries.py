"""How calls to servers of owners went: webhooks and postbacks in the same words."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.webhooks import Attempt, State
from texts.formats import moment
from texts.markup import code, plain, shorten
from texts.urls import no_answer

_SHOWN_ANSWER = 300  # characters
_MARKS = {State.DELIVERED: "✅", State.DEAD: "⛔️", State.WAITING: "🕐"}


def mark(state: State) -> str:
    """A state as a sign."""
    return _MARKS[state]


def outcome(t: Translator, state: State, status: int | None, error: str | None) -> str:
    """How a call is doing, in a few words. `status` (of HTTP) and `error` are those of its last attempt."""
    if state is State.DELIVERED:
        return f"{mark(state)} {status}"
    last = "" if status is None else str(status)
    if error:
        last = no_answer(t, error)
    if not last:
        last = t("given up") if state is State.DEAD else t("on its way")
    return f"{mark(state)} {last}"


def tries(t: Translator, attempts: Sequence[Attempt]) -> list[str]:
    """Attempts with what came back, as lines."""
    lines = []
    for one in attempts:
        came = str(one.status) if one.error is None else no_answer(t, one.error)
        lines += [
            "",
            t(
                "Attempt {n}, {moment}: {came}, {ms} ms",
                n=one.number, moment=moment(t, one.at), came=came, ms=one.took_ms,
            ),
        ]  # fmt: skip
        if one.answer:
            words = " ".join(plain(one.answer.decode(errors="replace")).split())
            lines.append(code(shorten(words, _SHOWN_ANSWER)))
    return lines
