"""broadcasts stopped and edited

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_TRIED = {'sqlite_where': sa.text('error IS NOT NULL'), 'postgresql_where': sa.text('error IS NOT NULL')}


def upgrade() -> None:
    with op.batch_alter_table('broadcast_recipient', schema=None) as batch_op:
        batch_op.create_index('ix_broadcast_recipient_tried', ['broadcast_id', 'state'], unique=False, **_TRIED)
    _rebuild_outbox(autoincrement=True)


def downgrade() -> None:
    _rebuild_outbox(autoincrement=False)
    with op.batch_alter_table('broadcast_recipient', schema=None) as batch_op:
        batch_op.drop_index('ix_broadcast_recipient_tried', **_TRIED)


def _rebuild_outbox(*, autoincrement: bool) -> None:
    """SQLite gives the id of a deleted last row to the next one, unless it is told to count on. PostgreSQL
    counts on by itself."""
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table(
            'outbox', recreate='always', table_kwargs={'sqlite_autoincrement': autoincrement}
        ):
            pass
