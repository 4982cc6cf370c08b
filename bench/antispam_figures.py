"""Counting how well a filter does: precision, recall, F1 and false positives, by source and by disguise."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEAD = f"{'':32} {'spam':>6} {'ham':>6} {'recall':>8} {'precision':>9} {'F1':>7} {'false positives':>16}"


class Figures(NamedTuple):
    """What a filter made of some texts: (found, missed) of the spam, (wrong, right) of the others."""

    found: int
    missed: int
    wrong: int
    right: int

    @property
    def recall(self) -> float:
        """The share of spam that was found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """The share of spam in what was found."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.wrong)

    @property
    def false_positives(self) -> float:
        """The share of innocent texts that were found."""
        return self.wrong / max(1, self.wrong + self.right)

    def line(self, name: str) -> str:
        """One line of the table under `HEAD`; a dash where there is nothing to count."""
        spam, ham = self.found + self.missed, self.wrong + self.right
        both = spam and ham
        return (
            f"{name[:32]:32} {spam:6} {ham:6} {_percent(self.recall, spam):>8} "
            f"{_percent(self.precision, both):>9} {f'{self.f1:.3f}' if both else '–':>7} "
            f"{_percent(self.false_positives, ham):>16}"
        )

    def card(self) -> dict[str, float | int]:
        """For the model's card."""
        spam, ham = self.found + self.missed, self.wrong + self.right
        figures: dict[str, float | int] = {"spam": spam, "ham": ham}
        if spam:
            figures["recall"] = round(self.recall, 4)
        if ham:
            figures["false_positives"] = round(self.false_positives, 4)
        if spam and ham:
            figures |= {"precision": round(self.precision, 4), "f1": round(self.f1, 4)}
        return figures


def _percent(share: float, known: int) -> str:
    return f"{100 * share:.2f} %" if known else "–"


def count(truths: Iterable[bool], verdicts: Iterable[bool]) -> Figures:
    """Compare what is spam with what was taken for it."""
    pairs = list(zip(truths, verdicts, strict=True))
    return Figures(
        sum(truth and verdict for truth, verdict in pairs),
        sum(truth and not verdict for truth, verdict in pairs),
        sum(verdict and not truth for truth, verdict in pairs),
        sum(not truth and not verdict for truth, verdict in pairs),
    )


def by_source(sources: Sequence[str], truths: Sequence[bool], verdicts: Sequence[bool]) -> dict[str, Figures]:
    """The figures of each source, and `all`."""
    found = {"all": count(truths, verdicts)}
    for source in sorted(set(sources)):
        chosen = [place for place, one in enumerate(sources) if one == source]
        found[source] = count([truths[place] for place in chosen], [verdicts[place] for place in chosen])
    return found
