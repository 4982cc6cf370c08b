"""What spammers do to a text so that filters do not know it again, made up for training and measuring."""

import random
from collections.abc import Callable, Sequence

# What may stand for a letter to the eye. Several choices, because nobody knows which one comes.
_LOOKALIKES = {
    "а": "aɑα", "в": "BʙΒ", "е": "eеε", "з": "3ʒ", "и": "uᴎ", "і": "iıι", "к": "kĸκ", "м": "mᴍΜ",
    "н": "Hʜ", "о": "oοօ", "п": "nᴨ", "р": "pρ", "с": "cϲ", "т": "Tᴛτ", "у": "yγ", "х": "xχ",
    "б": "6Ƅ", "г": "rᴦ", "л": "ᴧʌ", "д": "g", "ч": "4", "ь": "b",
    "a": "аɑα", "b": "Ьƅ", "c": "сϲ", "d": "ԁɗ", "e": "еҽ", "g": "ɡ", "h": "һհ", "i": "іɩι",
    "j": "ј", "k": "кκ", "l": "ІӀ", "m": "мⅿ", "n": "ոח", "o": "оοօ", "p": "рρ", "q": "ԛ", "r": "гᴦ",
    "s": "ѕꜱ", "t": "тτ", "u": "υս", "v": "νѵ", "w": "ԝѡ", "x": "хχ", "y": "уү", "z": "ᴢ",
}  # fmt: skip
_LEET = {
    "а": "4@", "б": "6", "в": "8", "е": "3", "з": "3", "и": "1u", "і": "1", "о": "0", "т": "7", "ч": "4",
    "с": "$5", "л": "1", "я": "9", "д": "9",
    "a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7", "z": "2",
}  # fmt: skip


def _swapped(text: str, choice: random.Random, table: dict[str, str], share: float) -> str:
    found: list[str] = []
    for char in text:
        others = table.get(char.lower())
        found.append(choice.choice(others) if others and choice.random() < share else char)
    return "".join(found)


def lookalikes(text: str, choice: random.Random) -> str:
    """Letters of other alphabets, or mathematical ones for Latin words."""
    if choice.random() < 0.15:
        base = choice.choice((0x1D400, 0x1D5A0, 0x1D5D4, 0x1D670))
        return "".join(
            chr(base + ord(c.upper()) - 65 + 26 * c.islower()) if c.isascii() and c.isalpha() else c
            for c in text
        )
    return _swapped(text, choice, _LOOKALIKES, choice.choice((0.3, 0.6, 1.0)))


def leetspeak(text: str, choice: random.Random) -> str:
    """Digits and signs for letters."""
    return _swapped(text, choice, _LEET, choice.choice((0.3, 0.6, 1.0)))


def spaced(text: str, choice: random.Random) -> str:
    """Letters written apart: all, or those of the longer words."""
    between = choice.choice((" ", " ", " ", ".", "-", "_", "\u200b", "*", " . "))
    gap = choice.choice((" ", "  ", "   "))
    least = choice.choice((1, 1, 4))
    return gap.join(between.join(word) if len(word) >= least else word for word in text.split())


def typos(text: str, choice: random.Random) -> str:
    """Letters swapped, left out, doubled or mistaken in many words."""
    words = text.split(" ")
    share = choice.choice((0.3, 0.5, 0.8))
    for place, word in enumerate(words):
        if len(word) < 3 or choice.random() > share or not word.isalpha():
            continue
        at = choice.randrange(len(word) - 1)
        match choice.randrange(4):
            case 0:
                words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            case 1:
                words[place] = word[:at] + word[at + 1 :]
            case 2:
                words[place] = word[:at] + word[at] * 2 + word[at + 1 :]
            case _:
                words[place] = word[:at] + choice.choice(words[place]) + word[at + 1 :]
    return " ".join(words)


def padded(text: str, choice: random.Random, innocent: Sequence[str]) -> str:
    """Innocent sentences before and behind."""
    extra = [choice.choice(innocent)[:200] for _ in range(choice.choice((1, 2, 3, 4)))]
    cut = choice.randrange(len(extra) + 1)
    return choice.choice((" ", "\n", "\n\n")).join([*extra[:cut], text, *extra[cut:]])


Disguise = Callable[[str, random.Random], str]
DISGUISES: dict[str, Disguise] = {
    "look-alikes": lookalikes,
    "spaced": spaced,
    "leetspeak": leetspeak,
    "typos": typos,
}


def all_disguises(innocent: Sequence[str]) -> dict[str, Disguise]:
    """Every disguise by name, padding with these innocent texts."""
    return {**DISGUISES, "padding": lambda text, choice: padded(text, choice, innocent)}
