"""Folding: one form for all the disguises of a word.

Look-alike letters of other alphabets, full-width and mathematical letters, accents, zero-width characters,
spacing and leetspeak disappear, in texts and in banned words alike, so that both meet in the same form.
"""

import codecs
import re
import unicodedata
from collections.abc import Mapping


def _pairs(written: str) -> dict[str, str]:
    """A table from pairs like "ɑa": what is written, and what it stands for."""
    return {pair[0]: pair[1:] for pair in written.split()}


# Letters that look like a Latin one, in lower case (a capital "В" is folded to "в" first). "з" goes the
# way of the digit 3 it is written with, which is leetspeak for "e".
_LOOKALIKES = {
    **dict(zip("абвезіјкмнорсѕтухһԁԛԝ", "abbeeijkmhopcstyxhdqw", strict=True)),
    **dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True)),
    **dict(zip("ıłøđħŧ", "ilodht", strict=True)),
    # Small capitals, as they are used for Latin and for Cyrillic words.
    **_pairs("ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"),
    **_pairs("ᴦг ᴧл ᴨп ᴩp ɜe ʍm ᴎи ᴙя ʌл"),
    # Phonetics and African alphabets, Armenian, Coptic, Cherokee (which folds to capitals), Lisu.
    **_pairs("ɑa ƅb ɓb ɔo ƈc ɗd əe ɛe ƒf ɡg ɦh ɩi ƙk ɭl ɱm ƞn ŋn ɵo ƥp ʂs ƭt ʋv ɯш ƴy ʐz ƶz ƃb"),
    **_pairs("օo սu ոn հh յj զq ռn կk տm"),
    **_pairs("ⲁa ⲃb ⲅг ⲇд ⲉe ⲏh ⲓi ⲕk ⲙm ⲛh ⲟo ⲡп ⲣp ⲥc ⲧt ⲩy ⲭx"),
    **_pairs("Ꭰd Ꭼe Ꭺa Ᏼb Ꮯc Ꭱr Ꮩv Ꭲt Ꮻo Ꮶk Ꮮl Ꮇm Ꮲp Ꮪs Ꮓz Ꮋh Ꮐg Ꭻj Ꮃw Ꭹy Ꭵi Ꮑn Ꮎo Ꮖi Ꮤw Ꮜu"),
    **_pairs("ꓐb ꓑp ꓓd ꓔt ꓖg ꓗk ꓙj ꓚc ꓜz ꓝf ꓟm ꓠn ꓡl ꓢs ꓣr ꓦv ꓧh ꓪw ꓫx ꓬy ꓮa ꓰe ꓲi ꓳo ꓴu"),
    # Letters in black squares and circles have no compatibility decomposition.
    **{chr(base + n): chr(97 + n) for base in (0x1F150, 0x1F170) for n in range(26)},
}
_LEET = dict(zip("013456789@$€¢", "oieasbtbgasec", strict=True))
_ALIKE = {**_LOOKALIKES, **_LEET}
_REMEMBERED = 20_000  # characters; a hostile text must not grow the table without end


def _decomposed(char: str) -> str:
    """A character in lower case and without accents; nothing for an invisible one."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))


def alike(char: str, others: Mapping[str, str] = _LOOKALIKES) -> str:
    """A character without its disguise: lower case, no accent, the letter it looks like. May be empty."""
    folded = char
    for _ in range(4):  # "½" becomes "1⁄2", whose "1" becomes "i"
        step = "".join(others.get(c, c) for c in _decomposed(folded))
        if step == folded:
            break
        folded = step
    return folded


def _fold_char(char: str) -> str:
    return "".join(c for c in alike(char, _ALIKE) if c.isalnum())


class _Table(dict[int, str | None]):
    """What `str.translate` looks characters up in (None drops one); it fills itself."""

    def __missing__(self, code: int) -> str | None:
        folded = _fold_char(chr(code)) or None
        if len(self) < _REMEMBERED:
            self[code] = folded
        return folded


class _QuickTable:
    """Folding for texts of the 256 commonest characters: three C loops instead of a look-up for each."""

    def __init__(self) -> None:
        common = [chr(code) for code in (*range(128), *range(0x400, 0x460))]
        common += "ҐґІі–—«»…“”„’•№°\xa0\u200b"
        self._alphabet = "".join(dict.fromkeys(common)).ljust(256, "\ufffe")
        folded = [_fold_char(char) for char in self._alphabet]
        self._common = frozenset(self._alphabet)
        self._encode = codecs.charmap_build(self._alphabet)
        places = (self._alphabet.find(char) if char else 0 for char in folded)
        self._fold = bytes(max(place, 0) for place in places)
        self._drop = bytes(byte for byte, char in enumerate(folded) if not char)

    def strange(self, text: str) -> frozenset[str]:
        """The characters of a text that are not among the common ones."""
        return frozenset(text) - self._common

    def squeeze(self, text: str, others: str = "strict") -> str:
        """The folded text. Characters that are not common raise `UnicodeEncodeError`, or are left out."""
        known: bytes = codecs.charmap_encode(text, others, self._encode)[0]
        return codecs.charmap_decode(known.translate(self._fold, self._drop), "strict", self._alphabet)[0]


_TABLE = _Table()
_QUICK = _QuickTable()
_SEPARATORS = re.compile(r"[^\w@$€¢]+|_+")  # these four are letters in leetspeak
_SHORTEST_RUN = 3  # letters written apart


def squeeze(text: str) -> str:
    """The text folded, with everything but letters and digits left out. Idempotent."""
    try:
        return _QUICK.squeeze(text)
    except UnicodeEncodeError:
        if any(_TABLE[ord(char)] for char in _QUICK.strange(text)):
            return text.translate(_TABLE)
        return _QUICK.squeeze(text, "ignore")  # mostly emojis, which are dropped in any case


def _word(chunk: str) -> str:
    """One word folded; a plain number stays one, so that "45" is no disguised "as"."""
    number = "".join(c for c in unicodedata.normalize("NFKC", chunk) if c.isalnum())
    return number if number.isdecimal() else squeeze(chunk)


def _visible(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def readings(text: str) -> tuple[str, ...]:
    """The folded words of a text, each between spaces, in every way it can be read.

    Punctuation separates words ("buy,casino") or only disguises them ("ca.si.no"), and letters written
    apart ("c a s i n o") are one word.
    """
    visible = _visible(text)
    loose = [word for word in map(_word, visible.split()) if word]
    strict = [word for word in map(_word, _SEPARATORS.split(visible)) if word]
    return tuple(f" {' '.join(words)} " for words in (loose, strict, _joined(strict)))


def _joined(words: list[str]) -> list[str]:
    """The words that were written letter by letter, put together."""
    found: list[str] = []
    run = ""
    for word in [*words, "  "]:
        if len(word) == 1:
            run += word
            continue
        if len(run) >= _SHORTEST_RUN:
            found.append(_word(run))  # "C A $ I N 0": the nought is a letter here
        run = ""
    return found
