"""What a parcel of several deliveries discloses of each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; a hub of the version before leaves it empty and reads what is disclosed together."""
    op.add_column("parcel", sa.Column("disclosed_each", sa.Text()))
