"""News that come late, when much has happened already: what is true last counts, and nothing is forgotten."""

from domain.orders import Order, Status
from tests.money.shop import House, Shop
from tests.money.till import Paid

ANN = 501


async def paid_unnoticed(house: House) -> tuple[Shop, Order, Paid]:
    """Ann has paid, and nobody told us."""
    shop = await house.shop([ANN])
    order = await shop.order(ANN)
    return shop, order, house.till.pay(order.ref or "", order.key, order.amount)


async def test_what_went_back_in_part_before_we_heard_of_it_is_paid(house: House) -> None:
    shop, order, paid = await paid_unnoticed(house)
    house.till.change(paid.id, back=100)
    for _ in range(2):
        await shop.notified(paid.id)
        (payment,) = await shop.books(order)
        assert (payment.paid, payment.refunded, payment.accepted) == (order.amount, 100, True)
        assert await shop.inside(ANN)
        assert (await shop.again(order)).status is Status.COMPLETED
    house.till.change(paid.id, back=order.amount.minor)
    await shop.notified(paid.id)
    assert not await shop.inside(ANN)


async def test_what_went_back_as_a_whole_before_we_heard_of_it_gives_nothing(house: House) -> None:
    shop, order, paid = await paid_unnoticed(house)
    house.till.change(paid.id, back=order.amount.minor)
    await shop.notified(paid.id)
    assert not await shop.inside(ANN)
    assert (await shop.again(order)).status is Status.REFUNDED
    (payment,) = await shop.books(order)
    assert not payment.stands


async def test_a_dispute_we_heard_of_first_is_won(house: House) -> None:
    shop, order, paid = await paid_unnoticed(house)
    house.till.change(paid.id, disputed=True)
    await shop.notified(paid.id)
    assert not await shop.inside(ANN)
    assert (await shop.again(order)).status is Status.DISPUTED
    house.till.change(paid.id, disputed=False)
    for _ in range(2):
        await shop.notified(paid.id)
        held = await shop.held(ANN)
        assert held is not None
        assert held.months == 1
    assert (await shop.again(order)).status is Status.COMPLETED


async def test_a_dispute_about_too_little_stays_the_owners_business(house: House) -> None:
    shop = await house.shop([ANN])
    order = await shop.order(ANN)
    little = type(order.amount)(order.amount.minor - 1, order.amount.currency)
    paid = house.till.pay(order.ref or "", order.key, little)
    for disputed in (True, False, True, False):
        house.till.change(paid.id, disputed=disputed)
        await shop.notified(paid.id)
        assert await shop.held(ANN) is None
    (payment,) = await shop.books(order)
    await shop.house.refunds.accept(shop.owner, shop.bot_id, payment.id)
    assert await shop.inside(ANN)


async def test_a_dispute_is_won_about_what_went_back_in_part(house: House) -> None:
    shop, order, paid = await paid_unnoticed(house)
    await shop.notified(paid.id)
    for change in ({"back": 100}, {"disputed": True}):
        house.till.change(paid.id, **change)
        await shop.notified(paid.id)
    assert not await shop.inside(ANN)
    house.till.change(paid.id, disputed=False)
    await shop.notified(paid.id)
    assert await shop.inside(ANN)
    (payment,) = await shop.books(order)
    assert payment.refunded == 100
