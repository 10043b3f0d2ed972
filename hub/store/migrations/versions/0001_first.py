"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "content",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "case_key",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("merged_into", Number),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "case_link",
        sa.Column("scheme", sa.Text(), primary_key=True),
        sa.Column("number", sa.Text(), primary_key=True),
        sa.Column("case_key", Number, nullable=False),
        sa.Column("n", Number, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("case_link_case_key", "case_link", ["case_key", "scheme"])
    op.create_table(
        "message",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("case_key", Number, nullable=False),
        sa.Column("classification", sa.SmallInteger(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.Double(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("raw", Number, nullable=False),
        sa.Column("canonical", Number, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("test", sa.SmallInteger(), nullable=False),
    )
    op.create_index("message_case_key", "message", ["case_key"])
    op.create_index("message_id", "message", ["id"], unique=True)
    op.create_index("message_identity", "message", ["sender", "identity"], unique=True)
    op.create_table(
        "lane",
        sa.Column("case_key", Number, primary_key=True, autoincrement=False),
        sa.Column("agency", sa.Text(), primary_key=True),
        sa.Column("last", Number, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message", Number, nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("case_key", Number, nullable=False),
        sa.Column("number", Number, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("gap", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("place", Number),
        sa.Column("wake_at", sa.Double()),
        sa.Column("lease_until", sa.Double()),
        sa.Column("worker", sa.Text()),
        sa.Column("token", Number, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("crashes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("maybe_sent", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("parcel", Number),
        sa.Column("first_tried_at", sa.Double()),
        sa.Column("changed_at", sa.Double(), nullable=False),
    )
    op.create_index("delivery_id", "delivery", ["id"], unique=True)
    op.create_index("delivery_message", "delivery", ["message"])
    op.create_index("delivery_place", "delivery", ["case_key", "agency", "place"], **_where("place IS NOT NULL"))
    op.create_index("delivery_standing", "delivery", ["agency", "state", "n"], **_where("state <> 'delivered'"))
    op.create_index("delivery_wake", "delivery", ["agency", "type", "wake_at"], **_where("wake_at IS NOT NULL"))
    op.create_table(
        "parcel",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", Number, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("disclosed", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("delivery", Number, primary_key=True, autoincrement=False),
        sa.Column("token", Number, primary_key=True, autoincrement=False),
        sa.Column("parcel", Number),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("partner_log_id", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("message", Number),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("entry_message", "entry", ["message"])
    op.create_table(
        "unsequenced",
        sa.Column("entry", Number, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "page",
        sa.Column("first", Number, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("lowest", Number, nullable=False),
        sa.Column("highest", Number, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_index("page_highest", "page", ["highest"])
    op.create_table(
        "checkpoint",
        sa.Column("size", Number, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "tally",
        sa.Column("agency", sa.Text(), primary_key=True),
        sa.Column("type", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), primary_key=True),
        sa.Column("shard", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", Number, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "site",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("content", Number, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE number_block INCREMENT BY 1000")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
