"""Turning the pages of a long list."""

from domain.page import Button


def pager(action: str, page: int, more: bool) -> list[Button]:
    """Buttons to the pages before and after `page` (from 0); `action` gets the page's number appended."""
    row = []
    if page > 0:
        row.append(Button("◀️", action=f"{action}:{page - 1}"))
    if more:
        row.append(Button("▶️", action=f"{action}:{page + 1}"))
    return row
