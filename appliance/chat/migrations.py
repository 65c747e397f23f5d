"""Steps that make the chat's tables."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from appliance.base.database.migrations import Migration
from appliance.base.database.types import UtcDateTime

if TYPE_CHECKING:
    # Alembic takes half a second to import, and most starts have nothing to migrate.
    from alembic.operations import Operations


def _conversations_and_messages(operations: "Operations") -> None:
    operations.create_table(
        "conversations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("title_folded", sa.Text, nullable=False),
        sa.Column("title_is_automatic", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    operations.create_index(
        "ix_conversations_owner_id", "conversations", ["owner_id", "updated_at", "id"]
    )
    operations.create_index("ix_conversations_deleted_at", "conversations", ["deleted_at"])
    _messages(operations)


def _messages(operations: "Operations") -> None:
    operations.create_table(
        "messages",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("finish_reason", sa.String(16), nullable=True),
        sa.Column("error", sa.JSON, nullable=True),
        sa.Column("options", sa.JSON, nullable=True),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("model", sa.String(200), nullable=True),
        sa.Column("prompt_tokens", sa.Integer, nullable=True),
        sa.Column("completion_tokens", sa.Integer, nullable=True),
        sa.Column("timings", sa.JSON, nullable=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["messages.id"], name="fk_messages_parent_id"),
        sa.UniqueConstraint("conversation_id", "position", name="uq_messages_conversation_id"),
    )
    operations.create_index("ix_messages_owner_id", "messages", ["owner_id", "state"])
    operations.create_index("ix_messages_parent_id", "messages", ["parent_id"])


def _pins_unread_feedback_and_runs(operations: "Operations") -> None:
    for name in ("pinned", "unread", "temporary"):
        operations.add_column("conversations", _filled(name, sa.Boolean, sa.false()))
    operations.drop_index("ix_conversations_owner_id", "conversations")
    operations.create_index(
        "ix_conversations_listed", "conversations", ["owner_id", "pinned", "updated_at", "id"]
    )
    operations.add_column("messages", sa.Column("feedback", sa.String(8), nullable=True))
    operations.add_column("messages", sa.Column("read_from", sa.String(36), nullable=True))
    for name in ("run", "kept_characters"):
        operations.add_column("messages", _filled(name, sa.Integer, sa.literal_column("0")))


def _files_of_messages(operations: "Operations") -> None:
    operations.create_table(
        "message_files",
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("file_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("characters", sa.Integer, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("tokens_estimated", sa.Boolean, nullable=False),
        sa.Column("is_cut", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "file_id", name="pk_message_files"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_message_files_message_id"
        ),
    )
    operations.create_index("ix_message_files_file_id", "message_files", ["file_id"])


def _search(operations: "Operations") -> None:
    operations.create_table(
        "search_entries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_search_entries"),
        sa.UniqueConstraint("message_id", name="uq_search_entries_message_id"),
    )
    operations.create_index(
        "ix_search_entries_conversation_id", "search_entries", ["conversation_id", "message_id"]
    )
    if operations.get_bind().dialect.name == "sqlite":
        # Without the texts themselves, which are in their own tables. Words come folded, with
        # blanks between them: all that is left to split is that.
        operations.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5("
            "owner, words, content='', contentless_delete=1, tokenize='ascii', prefix='1 2')"
        )
    else:
        operations.execute(
            "CREATE TABLE search_words (entry_id integer PRIMARY KEY, words tsvector NOT NULL)"
        )
        operations.execute("CREATE INDEX ix_search_words ON search_words USING gin (words)")


def _search_of_what_was_there(operations: "Operations") -> None:
    operations.create_table(
        "search_backlog",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("before_id", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("kind", name="pk_search_backlog"),
    )
    # Indexing all of it would take longer than anybody waits for a start: a job does it.
    for kind in ("messages", "titles"):
        operations.execute(
            sa.text(
                "INSERT INTO search_backlog (kind) "
                "SELECT :kind WHERE EXISTS (SELECT 1 FROM conversations)"
            ).bindparams(sa.bindparam("kind", kind, sa.String))
        )


def _who_answered(operations: "Operations") -> None:
    operations.add_column("conversations", _filled("local_only", sa.Boolean, sa.false()))
    operations.add_column("messages", sa.Column("origin", sa.JSON, nullable=True))


def _filled(
    name: str, kind: type[sa.types.TypeEngine[Any]], value: sa.ColumnElement[Any]
) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=value)


MIGRATIONS: tuple[Migration, ...] = (
    Migration("chat_conversations_and_messages", _conversations_and_messages),
    Migration("chat_pins_unread_feedback_and_runs", _pins_unread_feedback_and_runs),
    Migration("chat_search", _search),
    Migration("chat_files_of_messages", _files_of_messages),
    Migration("chat_search_of_what_was_there", _search_of_what_was_there),
    Migration("chat_who_answered", _who_answered),
)
