"""The words people write for lengths of time, in English and Russian: whole, short, in any case."""

_FORMS = {
    "second": "s sec secs second seconds с сек секунда секунду секунды секунд",
    "minute": "m min mins minute minutes м мин минута минуту минуты минут",
    "hour": "h hr hrs hour hours ч час часа часов",
    "day": "d day days д дн день дня дней сутки суток",
    "week": "w wk wks week weeks н нед неделя неделю недели недель",
    "month": "mo mos month months мес месяц месяца месяцев",
    "year": "y yr yrs year years г год года лет",
}
_UNITS = {form: unit for unit, forms in _FORMS.items() for form in forms.split()}
_FOREVER = {"lifetime", "forever", "for ever", "for life", "навсегда", "бессрочно", "пожизненно"}


def unit_of(word: str) -> str | None:
    """The unit a word stands for, by its English name in the singular; None for any other word.

    A single `m` or `м` is a minute: months are `mo` and `мес`.
    """
    return _UNITS.get(word.casefold())


def is_forever(text: str) -> bool:
    """Whether the text says that there is no end."""
    return " ".join(text.split()).casefold() in _FOREVER
