"""The anti-spam measured: what the checks find, alone and together, and what a message costs."""

import json
import random
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bench.antispam_eval import evaluate
from bench.antispam_figures import HEAD, Figures, count
from bench.antispam_rows import UNSEEN, Row, examples, read
from bench.updates import SENTENCES
from domain.antispam import classifier
from domain.antispam.evidence import Evidence, is_spam
from domain.antispam.fingerprints import Reading
from domain.antispam.lessons import MOST_LESSONS, Lesson, Lessons, lesson_of
from domain.antispam.memory import ChatMemory
from domain.antispam.pipeline import Doubt, Pipeline, post_of_text
from domain.antispam.settings import CHECKS, AntiSpamSettings, from_document

_LONG = " ".join(SENTENCES) * 3
TAUGHT, DRAWS = 20, 4  # spam texts of one kind that are taught, and how often others are chosen
_KINDS = ("uk_payout", "ru_jobs", "en_spam", "uk_other", "ru_other", "others_spam")  # sources of unseen texts


def report(quick: bool) -> None:
    """All tables."""
    _card()
    rows = read(UNSEEN)
    print("\nTexts of our own that nothing was learned from (bench/antispam_unseen.jsonl)")
    for half, use in (
        ("tuning", "settings were chosen with them"),
        ("judge", "nothing was chosen with them"),
    ):
        print(f"\nHalf “{half}”: {use}", end="")
        evaluate([row for row in rows if row.half == half])
    _checks(rows)
    _what_lessons_teach(rows, 1 if quick else DRAWS)
    _cost([row.text for row in rows], 2 if quick else 10)
    _cost_of_lessons([row.text for row in rows], 1 if quick else 5)


def _card() -> None:
    """The figures the model was published with: cross-validation on the rows it was learned from."""
    card = json.loads(classifier.CARD.read_text(encoding="utf-8"))
    made = card["provenance"]["made"]
    for title, table in card["figures"].items():
        print(f"\nCross-validation of {made}: {title}\n{HEAD}")
        for name, one in table.items():
            print(_figures(one).line(name))


def _figures(one: dict[str, Any]) -> Figures:
    found = round(one["spam"] * one.get("recall", 0))
    wrong = round(one["ham"] * one.get("false_positives", 0))
    return Figures(found, one["spam"] - found, wrong, one["ham"] - wrong)


def _checks(rows: Sequence[Row]) -> None:
    """Each check that looks at texts, alone; and all of them, for a newcomer and for others."""
    every = from_document({f"block_{name}": True for name in CHECKS})
    pipeline = Pipeline(every)
    doubts = [_doubt(pipeline, row.text, number) for number, row in enumerate(rows)]
    truths = [row.spam for row in rows]
    found = [{one.code for one in evidence} for evidence, _ in doubts]
    print(f"\nAll checks switched on, on the same texts: who finds what\n{HEAD}")
    for code in sorted(set().union(*found)):
        print(count(truths, [code in codes for codes in found]).line(code))
    print(count(truths, [is_spam(evidence) for evidence, _ in doubts]).line("together"))
    print(count(truths, [is_spam(late) for _, late in doubts]).line("together, of newcomers"))


def _doubt(pipeline: Pipeline, text: str, number: int) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """What is found at once, and what when the author turns out to be a newcomer."""
    post = post_of_text(1, -1001, 1000 + number, text)
    doubt = pipeline.examine(post, ChatMemory()) or Doubt(())
    return doubt.evidence, pipeline.as_newcomer(post, doubt)


def _what_lessons_teach(rows: Sequence[Row], draws: int) -> None:
    """Some spam of a kind is taught, as by `/spam`: what is found of the rest, and of innocent texts."""
    print(f"\n{TAUGHT} texts of a kind taught, the others of it judged, mean of {draws}")
    print(f"{'kind':12} {'recall before':>14} {'after':>9} {'false positives before':>23} {'after':>9}")
    innocent = [row.text for row in rows if not row.spam]
    for kind in _KINDS:
        texts = sorted(row.text for row in rows if row.source == kind)
        before, after, wrong_before, wrong_after = (0.0,) * 4
        for seed in range(draws):
            random.Random(seed).shuffle(texts)
            lessons = (lesson_of(text, (), True, datetime.now(UTC)) for text in texts[:TAUGHT])
            book, rest = Lessons(one for one in lessons if one is not None), texts[TAUGHT:]
            before += _share(rest, Lessons())
            after += _share(rest, book)
            wrong_before += _share(innocent, Lessons())
            wrong_after += _share(innocent, book)
        shares = [one / draws for one in (before, after, wrong_before, wrong_after)]
        print(f"{kind:12} {shares[0]:14.1%} {shares[1]:9.1%} {shares[2]:23.2%} {shares[3]:9.2%}")


def _share(texts: Sequence[str], book: Lessons) -> float:
    """The share of texts that are taken for spam by their words, by who knows these lessons."""
    readings = [(text, Reading(text)) for text in texts]
    found = (
        book.spam(seen) is not None or classifier.judge(text, book.lean(seen)).spam for text, seen in readings
    )
    return sum(found) / len(texts)


def _cost(texts: Sequence[str], rounds: int) -> None:
    """CPU time of one message, checked by everything, as if each came from somebody unknown."""
    pipeline = Pipeline(AntiSpamSettings(banned_words=tuple(f"word{n}" for n in range(100))))
    mixed = [*texts, *SENTENCES] * rounds
    print(f"\nWhat a message costs\n{'':32} {'messages':>9} {'a CPU-second':>13} {'median':>9} {'p99':>9}")
    for name, chosen in (("ours and chatter", mixed), ("1 200 characters and more", [_LONG] * 50 * rounds)):
        memory = ChatMemory()
        posts = [post_of_text(1, -1001, 1000 + number, text) for number, text in enumerate(chosen)]
        pipeline.examine(posts[0], memory)  # loads the model
        taken: list[float] = []
        for post in posts:
            before = time.thread_time()
            pipeline.examine(post, memory)
            taken.append(time.thread_time() - before)
        p99 = sorted(taken)[int(0.99 * len(taken))]
        print(
            f"{name:32} {len(taken):9} {len(taken) / sum(taken):13.0f} "
            f"{1000 * statistics.median(taken):6.2f} ms {1000 * p99:6.2f} ms"
        )


def _cost_of_lessons(texts: Sequence[str], rounds: int) -> None:
    """What it costs to know many texts again. Books of several sizes take turns, to be measured alike."""
    taught = _taught(MOST_LESSONS)
    sizes = (0, 100, len(taught))
    pipelines = [Pipeline(AntiSpamSettings(), frozenset(), Lessons(taught[:size])) for size in sizes]
    posts = [post_of_text(1, -1001, 1000 + n, text) for n, text in enumerate([*texts, *SENTENCES])]
    for pipeline in pipelines:  # works out what is worked out once
        pipeline.examine(posts[0], ChatMemory())
    taken = [0.0] * len(sizes)
    for _ in range(rounds):
        memories = [ChatMemory() for _ in sizes]
        for post in posts:
            for place, pipeline in enumerate(pipelines):
                before = time.thread_time()
                pipeline.examine(post, memories[place])
                taken[place] += time.thread_time() - before
    print(f"\nWhat lessons cost\n{'lessons':>9} {'a CPU-second':>13} {'beside none':>12}")
    for size, seconds in zip(sizes, taken, strict=True):
        print(f"{size:9} {rounds * len(posts) / seconds:13.0f} {seconds / taken[0]:11.2f}×")


def _taught(count: int) -> list[Lesson]:
    """So many lessons, from the wordings of our examples."""
    choice, now = random.Random(7), datetime.now(UTC)
    rows = examples(40, choice)
    choice.shuffle(rows)
    lessons = (lesson_of(row.text, (), True, now) for row in rows if row.spam)
    return list({one.key: one for one in islice((one for one in lessons if one), count)}.values())
