"""How alembic runs the migrations: on the connection that ``hub.store.migrate`` opened, inside its transaction."""

from alembic import context

from hub.store.tables import metadata

VERSION_TABLE = "store_version"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
