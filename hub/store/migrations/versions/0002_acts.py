"""What persons do: acts, pauses, and new generations of deliveries with the reading that they are made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them; a hub of the version before goes on working on the same tables."""
    op.create_table(
        "act",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("authenticated_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "pause",
        sa.Column("agency", sa.Text(), primary_key=True),
        sa.Column("type", sa.Text(), primary_key=True),
        sa.Column("until", sa.Double()),
        sa.Column("act", Number, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("message", Number, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("canonical", Number, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("classification", sa.SmallInteger(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.add_column("delivery", sa.Column("reading", Number))
    op.add_column("delivery", sa.Column("relates_to", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("generation", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("delivery", sa.Column("act", Number))
