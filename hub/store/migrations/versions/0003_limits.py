"""What all processes know of an agency's limits: its circuit, its clock, its window, its rate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table; a hub of the version before does not read it."""
    op.create_table(
        "circuit",
        sa.Column("agency", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False, server_default="closed"),
        sa.Column("open_until", sa.Double(), nullable=False, server_default="0"),
        sa.Column("openings", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ramp_from", sa.Double(), nullable=False, server_default="0"),
        sa.Column("prober", sa.Text(), nullable=False, server_default=""),
        sa.Column("throttled_until", sa.Double(), nullable=False, server_default="0"),
        sa.Column("shut_until", sa.Double(), nullable=False, server_default="0"),
        sa.Column("next_at", sa.Double(), nullable=False, server_default="0"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )
