"""Queries that run all the time find their rows by an index, however much history there is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from domain.postbacks import Filter
from storage import (
    affiliates,
    broadcasts,
    customers,
    endings,
    gates,
    join_requests,
    outbox,
    postback_queue,
    postbacks,
    tokens,
    webhook_queue,
    webhooks,
    welcome,
)
from storage.database import Database

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HISTORY = 20_000
OLD = 1_700_000_000_000_000
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, {0})) ",
}
# A bot with a long history: nearly everything in it is over and done with.
_FILL = (
    "membership (bot_id, member_id, project_id, plan_id, started_at, months, end_at, access_until, ended_at,"
    " agreed_at, next_notice_at) {n} SELECT 1, i, 1, i % 50, {old}, 0, {old} + i, {old} + i, {old} + i,"
    " {old}, NULL FROM n",
    "join_request (bot_id, chat_id, user_id, user_chat_id, state, requested_at, decided_at)"
    " {n} SELECT 1, -100, i, i, CASE i % 1000 WHEN 0 THEN 'waiting' ELSE 'approved' END, {old} + i, {old}"
    " FROM n",
    "person (bot_id, user_id, first_name, username, seen_at) {n} SELECT 1, i, 'P', 'User' || i, {old} FROM n",
    "affiliate_visit (bot_id, affiliate_member_id, visitor_id, clicks, first_at, last_at)"
    " {n} SELECT 1, i % 1000, i, 1, {old}, {old} FROM n",
    "referral (bot_id, member_id, affiliate_member_id, at) {n} SELECT 1, i, i % 1000, {old} FROM n",
    "affiliate (bot_id, member_id, affiliate_id, key, created_at)"
    " {n} SELECT 1, i, 'Q' || i, 'q' || i, {old} FROM n",
    "outbox (bot_id, chat_id, method, payload, sealed, policy, priority, state, attempts, due_at, created_at)"
    " {n} SELECT 1, i, 'sendMessage', {empty}, {no}, 'repeatable', 0, 'failed', 0, {old}, {old} FROM n",
    "access_token (bot_id, digest, last4, plan_id, created_at)"
    " {n} SELECT 1, {digest}, 'abcd', 1, {old} FROM n",
    "greeting (bot_id, chat_id, farewells) {n} SELECT 1, -i, 0 FROM n",
    "webhook_delivery (webhook_id, bot_id, event_id, kind, body, state, attempts, due_at, created_at)"
    " {n} SELECT i % 50, 1, 'e' || i, 'order_created', {empty}, 'delivered', 1, {old}, {old} FROM n",
    "webhook_attempt (bot_id, delivery_id, number, at, took_ms) {n} SELECT 1, i, 1, {old}, 5 FROM n",
    "postback (endpoint_id, owner_id, campaign_id, lead_id, entry, status, event_id, url, state, attempts,"
    " due_at, created_at) {n} SELECT i % 50, i % 50, i % 50, i, 1, 2, 'e' || i, 'https://t.example/',"
    " 'delivered', 1, {old}, {old} FROM n",
    "postback_attempt (postback_id, number, at, took_ms) {n} SELECT i, 1, {old}, 5 FROM n",
    "broadcast_recipient (broadcast_id, lead_id, bot_id, user_id, state, state_at)"
    " {n} SELECT 7, i, 1, i, 'queued', {old} FROM n",
    "access_task (bot_id, chat_id, member_id, kind, due_at, attempts, created_at)"
    " {n} SELECT 1, -100, i, 'remove', {old} * 2, 0, {old} FROM n",
)

BIG = (
    "membership", "join_request", "person", "affiliate_visit", "referral", "affiliate", "outbox",
    "access_token", "greeting", "access_task", "webhook_delivery", "webhook_attempt",
    "postback", "postback_attempt", "broadcast_recipient",
)  # fmt: skip
# What runs all the time, or for anybody who asks, and what SQLite must look it up by.
WATCHED: dict[str, tuple[Any, str]] = {
    "what is to be sent": (lambda tx: outbox.due(tx, NOW, 0, 100), "(state=? AND id>?)"),
    "memberships that are over": (
        lambda tx: endings.over(tx, NOW, 500), "(ended_at=? AND access_until<?)"
    ),
    "notices that are due": (lambda tx: endings.to_notify(tx, NOW, 500), "(next_notice_at<?)"),
    "requests that wait for too long": (
        lambda tx: join_requests.decline_stale(tx, NOW - timedelta(days=1), NOW, 500),
        "(state=? AND requested_at<?)",
    ),
    "how many hold a plan": (lambda tx: customers.count(tx, 1, 7, NOW), "(bot_id=? AND plan_id=?)"),
    "what came of one's link": (
        lambda tx: affiliates.counts(tx, 1, 7), "affiliate_visit_1 (bot_id=? AND affiliate_member_id=?)"
    ),
    "doors to look after": (lambda tx: gates.any_due(tx, NOW), "(due_at<?)"),
    "crowds to greet": (lambda tx: welcome.due(tx, NOW), "(due_at<?)"),
    "whom something is to be sent to": (
        lambda tx: webhook_queue.any_ready(tx, NOW), "ix_webhook_delivery_due (state=? AND due_at<?)"
    ),
    "what a webhook gets next": (
        lambda tx: webhook_queue.first(tx, 7, NOW), "(webhook_id=? AND state=? AND due_at<?)"
    ),
    "the newest deliveries": (
        lambda tx: webhooks.deliveries(tx, 1, 7, 0, 11), "ix_webhook_delivery_list (webhook_id=?)"
    ),
    "whom a postback is to be sent to": (
        lambda tx: postback_queue.ROWS.any_ready(tx, NOW), "ix_postback_due (state=? AND due_at<?)"
    ),
    "what a tracker gets next": (
        lambda tx: postback_queue.ROWS.first(tx, 7, NOW), "(endpoint_id=? AND state=? AND due_at<?)"
    ),
    "the newest postbacks": (
        lambda tx: postbacks.log(tx, 7, Filter(), 11), "ix_postback_owner (owner_id=?)"
    ),
    "whom an edited broadcast tries anew": (
        lambda tx: broadcasts.forget_refusals(tx, 7),
        "ix_broadcast_recipient_tried (broadcast_id=? AND state=?)",
    ),
    "the newest tokens": (lambda tx: tokens.listing(tx, 1, 0, 11), "ix_access_token_list (bot_id=?)"),
}  # fmt: skip


async def fill(db: Database) -> None:
    sqlite = db.dialect == "sqlite"
    words = {
        "n": _NUMBERS[db.dialect].format(HISTORY),
        "old": OLD,
        "no": 0 if sqlite else "false",
        "empty": "x''" if sqlite else r"'\x'::bytea",
        "digest": "CAST('d' || i AS BLOB)" if sqlite else "convert_to('d' || i, 'UTF8')",
    }
    async with db.write() as tx:
        for rows in _FILL:
            await tx.execute(text("INSERT INTO " + rows.format(**words)))
        if not sqlite:  # which never does so by itself
            await tx.execute(text("ANALYZE"))


async def explained(db: Database, query: Any) -> list[str]:
    """The plans of all SELECTs and UPDATEs a query function runs."""
    said: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "WITH")):
            said.append((statement, parameters))

    plans: list[str] = []
    async with db.write() as tx:
        engine = tx.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            await query(tx)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if db.dialect == "sqlite" else "EXPLAIN "
        for statement, parameters in said:
            rows = await tx.exec_driver_sql(explain + statement, parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
    return plans


@pytest.mark.parametrize("what", WATCHED)
async def test_no_history_is_read(db: Database, what: str) -> None:
    query, by = WATCHED[what]
    await fill(db)
    plans = await explained(db, query)
    if db.dialect == "sqlite":
        assert by in plans[0]
    for plan in plans:
        for table in BIG:
            assert f"Seq Scan on {table} " not in plan
            assert f"SCAN {table}\n" not in f"{plan}\n"
