"""whatsapp: where answers leave from, their order and delivery, and templates made once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "content_templates",
        sa.Column("hash", sa.String(length=43), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_content_templates")),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_from", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("sender", sa.String(length=16), nullable=True))
        batch_op.add_column(
            sa.Column("is_unasked", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("delivery", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("delivery_code", sa.Integer(), nullable=True))
        batch_op.create_index("ix_notices_lane_seq", ["lane", "seq"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_lane_seq")
        batch_op.drop_column("delivery_code")
        batch_op.drop_column("delivery")
        batch_op.drop_column("is_unasked")
        batch_op.drop_column("sender")
        batch_op.drop_column("lane")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("opted_out_at")
        batch_op.drop_column("reply_from")

    op.drop_table("content_templates")
