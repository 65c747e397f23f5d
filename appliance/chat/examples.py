"""Conversations for trying out: made up, and saying so; removed for good with their people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.database.transaction import Transaction
from appliance.base.ids import Ids
from appliance.chat.model import Conversation, Message, MessageRole, MessageState
from appliance.chat.store import attachments, conversations, messages
from appliance.chat.titles import folded
from appliance.engine.text.model import FinishReason

_MARK = "_(Conversación de ejemplo: está inventada.)_"
# What is asked and answered, by the conversation's title.
_EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Ejemplo: lista de control de la carretilla": (
        (
            "¿Qué reviso en la carretilla elevadora antes de empezar el turno?",
            (
                "Antes de arrancar, revisa:\n\n1. **Horquillas y mástil**: sin grietas ni holguras.\n"
                "2. **Cadenas y fugas**: tensión igual y nada de aceite en el suelo.\n"
                "3. **Neumáticos y frenos**: sin cortes; el freno de mano aguanta.\n"
                "4. **Luces, claxon y cinturón**: funcionan.\n\nSi algo falla, no la uses y avisa."
            ),
        ),
        (
            "¿Y si pierde aceite?",
            (
                "Párala, señaliza la zona y avisa a mantenimiento. Una fuga hidráulica puede dejar la "
                "carga sin sujeción, y el suelo resbala."
            ),
        ),
    ),
    "Ejemplo: correo a un proveedor": (
        (
            "Escribe un correo corto: el pedido 4417 llegó con dos cajas abiertas.",
            (
                "Asunto: Pedido 4417, dos cajas abiertas\n\nBuenos días:\n\nEl pedido 4417 llegó hoy "
                "con dos cajas abiertas. Adjuntamos fotos. ¿Pueden decirnos si envían otras o si las "
                "descuentan de la factura?\n\nGracias y un saludo."
            ),
        ),
    ),
    "Ejemplo: una tabla de turnos": (
        (
            "Haz una tabla con los turnos de mañana, tarde y noche para tres personas.",
            (
                "| | lunes | martes | miércoles |\n| --- | --- | --- | --- |\n"
                "| Carmen | mañana | tarde | noche |\n| Javier | tarde | noche | mañana |\n"
                "| Lucía | noche | mañana | tarde |"
            ),
        ),
    ),
}


class ReleaseFiles(Protocol):
    """Removes files that no question uses any more."""

    def __call__(self, tx: Transaction, file_ids: Sequence[str], /) -> None:
        """Remove them if the transaction commits."""
        ...


@dataclass(frozen=True)
class _Place:
    """Where a message goes."""

    owner_id: str
    conversation_id: str
    parent_id: str | None
    position: int


class Examples:
    """Conversations of people who are there for trying out."""

    def __init__(self, *, release_files: ReleaseFiles, clock: Clock, ids: Ids) -> None:
        self._release_files = release_files
        self._clock = clock
        self._ids = ids

    def write_examples(self, tx: Transaction, user_id: str) -> None:
        """Write a few conversations, marked as made up."""
        now = self._clock.now()
        for title, turns in _EXAMPLES.items():
            conversation = Conversation(
                id=self._ids.new_id(),
                title=title,
                title_is_automatic=False,
                created_at=now,
                updated_at=now,
                writing=False,
            )
            conversations.add_conversation(
                tx.connection, user_id, conversation, title_folded=folded(title)
            )
            self._write_turns(tx, user_id, conversation.id, turns)

    def remove_all_of(self, tx: Transaction, user_ids: Sequence[str]) -> None:
        """Remove all conversations of these people for good, with their files."""
        doomed = conversations.list_every_id(tx.connection, user_ids)
        self._release_files(tx, attachments.take_files_of(tx.connection, doomed))
        conversations.delete_conversations(tx.connection, doomed)

    def _write_turns(
        self, tx: Transaction, user_id: str, conversation_id: str, turns: Sequence[tuple[str, str]]
    ) -> None:
        parent_id: str | None = None
        position = 0
        for question, answer in turns:
            marked = answer if position else f"{answer}\n\n{_MARK}"
            for role, text in ((MessageRole.USER, question), (MessageRole.ASSISTANT, marked)):
                place = _Place(user_id, conversation_id, parent_id, position)
                parent_id = self._write(tx, place, role, text)
                position += 1

    def _write(self, tx: Transaction, place: _Place, role: MessageRole, text: str) -> str:
        now = self._clock.now()
        is_answer = role is MessageRole.ASSISTANT
        message = Message(
            id=self._ids.new_id(),
            conversation_id=place.conversation_id,
            parent_id=place.parent_id,
            position=place.position,
            role=role,
            content=text,
            state=MessageState.DONE,
            created_at=now,
            finish_reason=FinishReason.STOP if is_answer else None,
            language="es" if is_answer else None,
            finished_at=now if is_answer else None,
        )
        messages.add_message(tx.connection, place.owner_id, message)
        return message.id
