"""Fixtures: the house without HTTP, on each engine."""

import pytest

from storage.database import Database
from tests.money.shop import House


@pytest.fixture
async def house(db: Database) -> House:
    """The house."""
    return House(db)
