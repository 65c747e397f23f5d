"""The chat's tables: conversations, and their messages as a tree."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from appliance.base.database.tables import metadata
from appliance.base.database.types import UtcDateTime

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("title", String(200), nullable=False),
    # The title as searches compare it; folding may make it longer.
    Column("title_folded", Text, nullable=False),
    Column("title_is_automatic", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime, nullable=True),
    Column("pinned", Boolean, nullable=False),
    Column("unread", Boolean, nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("local_only", Boolean, nullable=False),
    Index("ix_conversations_listed", "owner_id", "pinned", "updated_at", "id"),
    Index("ix_conversations_deleted_at", "deleted_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", String(36), ForeignKey("conversations.id"), nullable=False),
    Column("parent_id", String(36), ForeignKey("messages.id"), nullable=True),
    Column("owner_id", String(36), nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("finish_reason", String(16), nullable=True),
    Column("error", JSON(none_as_null=True), nullable=True),
    Column("options", JSON(none_as_null=True), nullable=True),
    Column("language", String(8), nullable=True),
    Column("model", String(200), nullable=True),
    Column("prompt_tokens", Integer, nullable=True),
    Column("completion_tokens", Integer, nullable=True),
    Column("timings", JSON(none_as_null=True), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=True),
    Column("feedback", String(8), nullable=True),
    Column("read_from", String(36), nullable=True),
    Column("run", Integer, nullable=False),
    Column("kept_characters", Integer, nullable=False),
    Column("origin", JSON(none_as_null=True), nullable=True),
    UniqueConstraint("conversation_id", "position", name="uq_messages_conversation_id"),
    Index("ix_messages_owner_id", "owner_id", "state"),
    Index("ix_messages_parent_id", "parent_id"),
)

# What was attached to questions, as it was then: files themselves never change.
message_files = Table(
    "message_files",
    metadata,
    Column("message_id", String(36), ForeignKey("messages.id"), primary_key=True),
    Column("file_id", String(36), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("tokens_estimated", Boolean, nullable=False),
    Column("is_cut", Boolean, nullable=False),
    Index("ix_message_files_file_id", "file_id"),
)
