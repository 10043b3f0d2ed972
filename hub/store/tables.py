"""The tables of the store; migrations create them, statements and queries name them.

Every row that is not named by its own content has a number ``n`` from one counter (``hub.store.numbers``), so that
rows can be written in batches without asking the database for ids. Three columns of ``delivery`` are set only while
they matter, and their partial indexes hold only those rows:

- ``place`` is its number in the lane while it occupies the lane (pending, or dead and blocking);
- ``wake_at`` is when the head of a lane wants attention: when it is due, or when its lease ends;
- ``lease_until`` is set from a claim to its end.

Texts that are absent are empty, not NULL.

A delivery that was reprocessed is superseded by a new row with the next ``generation``, whose ``relates_to`` is the id
before and whose ``reading`` is what it is rendered from. ``act`` is the last thing that a person did with a delivery.

A parcel's ``disclosed`` is what its members disclose together; ``disclosed_each`` has a list for each member, where
there are several.

The head of a lane is the delivery with the lowest ``place``; ``wake_at`` is set exactly where the head is pending.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

Number = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

content = Table(
    "content",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("key_id", Text),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

case_key = Table(
    "case_key",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("merged_into", Number),
    Column("at", Double, nullable=False),
)

case_link = Table(
    "case_link",
    metadata,
    Column("scheme", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("case_key", Number, nullable=False),
    Column("n", Number, nullable=False),
    Index("case_link_case_key", "case_key", "scheme"),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("case_key", Number, nullable=False),
    Column("classification", SmallInteger, nullable=False),
    Column("time", Text, nullable=False),
    Column("accepted_at", Double, nullable=False),
    Column("site", Text, nullable=False),
    Column("record", Integer, nullable=False),
    Column("raw", Number, nullable=False),
    Column("canonical", Number, nullable=False),
    Column("partner", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("test", SmallInteger, nullable=False),
    Index("message_id", "id", unique=True),
    Index("message_identity", "sender", "identity", unique=True),
    Index("message_case_key", "case_key"),
)

lane = Table(
    "lane",
    metadata,
    Column("case_key", Number, primary_key=True, autoincrement=False),
    Column("agency", Text, primary_key=True),
    Column("last", Number, nullable=False),
    sqlite_with_rowid=False,
)

delivery = Table(
    "delivery",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("message", Number, nullable=False),
    Column("agency", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("case_key", Number, nullable=False),
    Column("number", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("gap", SmallInteger, nullable=False, server_default="0"),
    Column("place", Number),
    Column("wake_at", Double),
    Column("lease_until", Double),
    Column("worker", Text),
    Column("token", Number, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("maybe_sent", SmallInteger, nullable=False, server_default="0"),
    Column("parcel", Number),
    Column("first_tried_at", Double),
    Column("changed_at", Double, nullable=False),
    Column("reading", Number),
    Column("relates_to", Text, nullable=False, server_default=""),
    Column("generation", Integer, nullable=False, server_default="1"),
    Column("act", Number),
    Index("delivery_id", "id", unique=True),
    Index("delivery_message", "message"),
)
Index(
    "delivery_place",
    delivery.c.case_key,
    delivery.c.agency,
    delivery.c.place,
    sqlite_where=text("place IS NOT NULL"),
    postgresql_where=text("place IS NOT NULL"),
)
Index(
    "delivery_wake",
    delivery.c.agency,
    delivery.c.type,
    delivery.c.wake_at,
    sqlite_where=text("wake_at IS NOT NULL"),
    postgresql_where=text("wake_at IS NOT NULL"),
)
Index(
    "delivery_standing",
    delivery.c.agency,
    delivery.c.state,
    delivery.c.n,
    sqlite_where=text("state <> 'delivered'"),
    postgresql_where=text("state <> 'delivered'"),
)

# A message as a later site reads it: what a new generation of a delivery is made from, in place of its message's own.
reading = Table(
    "reading",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("message", Number, nullable=False),
    Column("site", Text, nullable=False),
    Column("canonical", Number, nullable=False),
    Column("subject", Text, nullable=False),
    Column("classification", SmallInteger, nullable=False),
    Column("time", Text, nullable=False),
    Column("at", Double, nullable=False),
)

act = Table(
    "act",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("authenticated_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Double, nullable=False),
)

# ``type`` is empty where all of the agency's types are paused; ``until`` is NULL where only a person ends it.
pause = Table(
    "pause",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("until", Double),
    Column("act", Number, nullable=False),
    sqlite_with_rowid=False,
)

parcel = Table(
    "parcel",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("content", Number, nullable=False),
    Column("digest", Text, nullable=False),
    Column("members", Text, nullable=False),
    Column("disclosed", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("disclosed_each", Text),
)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery", Number, primary_key=True, autoincrement=False),
    Column("token", Number, primary_key=True, autoincrement=False),
    Column("parcel", Number),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("result", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("partner_log_id", Text, nullable=False),
    sqlite_with_rowid=False,
)

entry = Table(
    "entry",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("message", Number),
    Column("body", LargeBinary, nullable=False),
    Index("entry_message", "message"),
)

unsequenced = Table(
    "unsequenced",
    metadata,
    Column("entry", Number, primary_key=True, autoincrement=False),
)

page = Table(
    "page",
    metadata,
    Column("first", Number, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("lowest", Number, nullable=False),
    Column("highest", Number, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("at", Double, nullable=False),
    Index("page_highest", "highest"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("at", Double, nullable=False),
)

tally = Table(
    "tally",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("count", Number, nullable=False),
    sqlite_with_rowid=False,
)

site = Table(
    "site",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", Number, nullable=False),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)

fact = Table(
    "fact",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

circuit = Table(
    "circuit",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("state", Text, nullable=False, server_default="closed"),
    Column("open_until", Double, nullable=False, server_default="0"),
    Column("openings", Integer, nullable=False, server_default="0"),
    Column("ramp_from", Double, nullable=False, server_default="0"),
    Column("prober", Text, nullable=False, server_default=""),
    Column("throttled_until", Double, nullable=False, server_default="0"),
    Column("shut_until", Double, nullable=False, server_default="0"),
    Column("next_at", Double, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
