"""A message the classifier is not sure about."""

import json
from functools import cache
from pathlib import Path

from domain.antispam.memory import ChatMemory
from domain.antispam.pipeline import Pipeline, post_of_text
from domain.antispam.settings import AntiSpamSettings

EXAMPLES = Path(__file__).resolve().parents[2] / "bench" / "antispam_unseen.jsonl"


@cache
def doubtful_text() -> str:
    """A spam text, without addresses, that is suspicious by the shipped classifier, and by nothing else."""
    pipeline = Pipeline(AntiSpamSettings())
    for line in EXAMPLES.read_text().splitlines():
        row = json.loads(line)
        text = row["text"]
        if row["label"] != "spam" or any(sign in text for sign in ("@", "/", ".me", "http")):
            continue
        doubt = pipeline.examine(post_of_text(1, -1001, 7, text), ChatMemory())
        if doubt is not None and [(one.code, one.points) for one in doubt.evidence] == [("learned", 40)]:
            return str(text)
    raise AssertionError("no text is in doubt any more")
