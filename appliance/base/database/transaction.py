"""One unit of work: what it writes, and what happens once it is safely written."""

from collections.abc import Callable

from sqlalchemy import Connection

# The activities of a slice name the connection that they hand to their store; they import it from
# here, because SQLAlchemy itself belongs to the stores.
__all__ = ["Connection", "Transaction"]


class Transaction:
    """An open write transaction. Stores use its connection; nobody else commits.

    Attributes:
        connection: The open connection; valid inside the unit of work only.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._before_commit: list[Callable[[], None]] = []
        self._after_commit: list[Callable[[], None]] = []

    def before_commit(self, work: Callable[[], None]) -> None:
        """Run `work` in this transaction when all else in it is done, in order of asking."""
        self._before_commit.append(work)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` on the event loop once the commit is on disk; never if it is rolled back.

        It must be quick and must not raise: wake a worker, publish an event.
        """
        self._after_commit.append(action)

    def finish(self) -> None:
        """Do what was kept for the end; called once, by the database."""
        for work in self._before_commit:
            work()

    def take_actions(self) -> tuple[Callable[[], None], ...]:
        """Return the actions that wait for the commit, once."""
        actions, self._after_commit = tuple(self._after_commit), []
        return actions
