"""Projects, plans, access tokens, memberships, the gates of paid chats, affiliates."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, serial

project = Table(
    "project",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False, index=True),
    Column("name", String(32), nullable=False),
    Column("sort_order", Integer, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# The chats a project opens; project 0 holds chats that are paid without belonging to a project.
project_chat = Table(
    "project_chat",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("project_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Index("ix_project_chat_chat", "bot_id", "chat_id"),
)

plan = Table(
    "plan",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False, index=True),
    Column("project_id", Id, nullable=False),
    Column("name", String(32), nullable=False),
    Column("duration", String(16), nullable=False),
    Column("price", BigInteger, nullable=False),  # minor units
    Column("currency", String(8), nullable=False),
    Column("trial", String(16)),
    Column("recurring", Boolean, nullable=False),
    Column("newcomers", Integer, nullable=False),
    Column("singleuse", Integer, nullable=False),
    Column("token_only", Boolean, nullable=False),
    Column("credit_only", Boolean, nullable=False),
    Column("invitee_only", Integer, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("max_customers", Integer, nullable=False),
    Column("sort_order", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

access_token = Table(
    "access_token",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("plan_id", Id, nullable=False),
    Column("member_id", BigInteger),  # only he may redeem it
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Column("used_by", BigInteger),
    Index("uq_access_token", "bot_id", "digest", unique=True),
    Index("ix_access_token_plan", "bot_id", "plan_id"),
    Index("ix_access_token_list", "bot_id", "id"),
)

wrong_token = Table(
    "wrong_token",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_wrong_token_user", "bot_id", "user_id", "at"),
)

membership = Table(
    "membership",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("project_id", Id, primary_key=True),
    Column("plan_id", Id, nullable=False),  # 0: a gift of the owner without a plan
    Column("started_at", Instant, nullable=False),
    Column("anchor_at", Instant),  # the end is this many calendar months after the anchor
    Column("months", Integer, nullable=False),
    Column("end_at", Instant),  # null: for life
    Column("access_until", Instant),  # the end and the grace period
    Column("ended_at", Instant),
    Column("agreed_at", Instant, nullable=False),  # when the present end was agreed: reminders count from it
    Column("next_notice_at", Instant),
    Index("ix_membership_access", "ended_at", "access_until"),  # of all that ever were, the open ones
    Index("ix_membership_plan", "bot_id", "plan_id"),
    Index("ix_membership_notice", "next_notice_at"),
    Index("ix_membership_list", "bot_id", "end_at"),
)

# What was given, once and for ever: the history behind the one row per member and project.
membership_grant = Table(
    "membership_grant",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("project_id", Id, nullable=False),
    Column("plan_id", Id, nullable=False),
    Column("origin", String(16), nullable=False),  # token | trial | gift | purchase | import
    Column("source_id", Id),  # the access token, or the payment
    Column("length", String(16), nullable=False, server_default=""),  # what was added, to count it anew
    Column("revoked_at", Instant),  # taken back: the money went back
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant),
    Column("at", Instant, nullable=False),
    Index("ix_membership_grant_member", "bot_id", "member_id"),
    Index("ix_membership_grant_plan", "bot_id", "plan_id"),
)

# An owner ended a membership before its time: what was given before that counts no more.
membership_closing = Table(
    "membership_closing",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("project_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("last_grant", Id, nullable=False),  # the newest line of the history by then; 0: none
    Index("ix_membership_closing", "bot_id", "member_id", "project_id"),
)

membership_notice = Table(
    "membership_notice",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("project_id", Id, primary_key=True),
    Column("end_at", Instant, primary_key=True),
    Column("before", Integer, primary_key=True),  # seconds before the end; 0 is the word after it
    Column("at", Instant, nullable=False, index=True),
)

gate = Table(
    "gate",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("one_use", Boolean, nullable=False),  # one-use links instead of join requests
    Column("one_use_since", Instant),  # who came before is none of the gate's business
    Column("told_at", Instant),  # when the owner was told that the bot cannot guard it
)

gate_link = Table(
    "gate_link",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("project_id", Id, primary_key=True),
    Column("invite_link", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_gate_link", "bot_id", "invite_link"),
)

entry_link = Table(
    "entry_link",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("invite_link", String(128), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Index("ix_entry_link_member", "bot_id", "chat_id", "member_id"),
)

# What is still owed to a chat: somebody to remove from it, or to give a way in.
access_task = Table(
    "access_task",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("kind", String(8), primary_key=True),  # remove | invite
    Column("due_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# When Telegram was last asked whether somebody is in a paid chat, and who was removed from one by a ban.
member_check = Table(
    "member_check",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("checked_at", Instant),
    Column("banned_at", Instant),
)

# Members from before the bot came: a file of them, or everybody who is in a chat.
import_job = Table(
    "import_job",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("by", BigInteger, nullable=False),  # the owner
    Column("kind", String(8), nullable=False),  # file | chat
    Column("state", String(8), nullable=False),  # draft | running | open | done | stopped
    Column("name", String(255), nullable=False),  # of the file, or of the chat
    Column("chat_id", BigInteger),
    Column("project_id", Id),
    Column("days", Integer),
    Column("mark", BigInteger, nullable=False),  # the journal's last line then: who came later is a newcomer
    Column("at", Instant, nullable=False),
    Column("look_at", Instant, nullable=False),  # when it goes on
    Index("ix_import_job_bot", "bot_id", "state"),
    Index("ix_import_job_due", "state", "look_at"),
)

# A line of the file, or somebody of the chat who was looked at: each once.
import_row = Table(
    "import_row",
    metadata,
    Column("job_id", Id, primary_key=True),
    Column("number", BigInteger, primary_key=True),  # of the line, or the Telegram id
    Column("who", String(64), nullable=False),
    Column("member_id", BigInteger),
    Column("project_id", Id, nullable=False),
    Column("plan_id", Id, nullable=False),
    Column("length", String(16), nullable=False),  # a duration; empty where there is an end
    Column("end_at", Instant),
    Column("state", String(8), nullable=False),  # waiting | taken | left
    Column("reason", String(32)),  # why it was left
    Index("ix_import_row_state", "job_id", "state", "member_id"),
)

affiliate = Table(
    "affiliate",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("affiliate_id", String(12), nullable=False),
    Column("key", String(12), nullable=False),  # the id in small letters: ids that differ in case clash
    Column("created_at", Instant, nullable=False),
    Index("uq_affiliate_key", "bot_id", "key", unique=True),
)

affiliate_visit = Table(
    "affiliate_visit",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("affiliate_member_id", BigInteger, primary_key=True),
    Column("visitor_id", BigInteger, primary_key=True),
    Column("clicks", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# Who is whose invitee: settled by the first membership.
referral = Table(
    "referral",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("member_id", BigInteger, primary_key=True),
    Column("affiliate_member_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_referral_affiliate", "bot_id", "affiliate_member_id"),
)
