"""Steps that make the tables of the files."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from appliance.base.database.migrations import Migration
from appliance.base.database.types import UtcDateTime

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _files_and_texts(operations: "Operations") -> None:
    operations.create_table(
        "files",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("pages", sa.Integer, nullable=True),
        sa.Column("pages_done", sa.Integer, nullable=True),
        sa.Column("characters", sa.Integer, nullable=True),
        sa.Column("is_cut", sa.Boolean, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=True),
        sa.Column("tokens_model", sa.String(200), nullable=True),
        sa.Column("fault", sa.JSON, nullable=True),
        sa.Column("is_used", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("blob", name="uq_files_blob"),
    )
    operations.create_index("ix_files_owner_id", "files", ["owner_id", "is_used"])
    operations.create_index("ix_files_created_at", "files", ["is_used", "created_at"])
    operations.create_table(
        "file_texts",
        sa.Column("file_id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_file_texts"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_file_texts_file_id"),
    )


MIGRATIONS: tuple[Migration, ...] = (Migration("files_files_and_texts", _files_and_texts),)
