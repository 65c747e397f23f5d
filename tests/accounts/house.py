"""Accounts put together for tests: real databases, a clock moved by hand, cheap passwords."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from appliance.accounts.build import Accounts, AccountsPlan, build_accounts
from appliance.accounts.key_check import open_keys
from appliance.accounts.migrations import MIGRATIONS as ACCOUNTS_MIGRATIONS
from appliance.accounts.setting_up import NewOwner
from appliance.base.audit.log import AuditLog
from appliance.base.audit.migrations import MIGRATIONS as AUDIT_MIGRATIONS
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.ids import SystemIds
from appliance.base.web.problems import install_problem_handlers
from tests.databases import migrated
from tests.fakes.clock import ManualClock

ANA = NewOwner(email="ana@example.com", name="Ana", password="correct horse battery", language="es")
MIGRATIONS = (*ACCOUNTS_MIGRATIONS, *AUDIT_MIGRATIONS)
CHEAP = 4
BROWSER = {"X-Nodo-Client": "ui"}


@dataclass
class Box:
    """A box with accounts, which can be started again.

    Attributes:
        codes: All set-up codes that were announced, in order.
        waits_s: How long attempts had to wait, in order; in tests they go on at once.
    """

    database: Database
    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    codes: list[str] = field(default_factory=list[str])
    jwt_secret: str | None = None
    unattended: NewOwner | None = None
    events: Events = field(default_factory=Events)
    waits_s: list[float] = field(default_factory=list[float])

    async def _pause(self, seconds: float) -> None:
        self.waits_s.append(seconds)

    @asynccontextmanager
    async def running(self, base_url: str = "http://127.0.0.1") -> AsyncIterator["Running"]:
        plan = AccountsPlan(
            secrets_folder=self.folder / "secrets",
            language="es",
            version="1.2.3",
            jwt_secret=self.jwt_secret,
            unattended=self.unattended,
            password_cost=CHEAP,
        )
        database, ids = migrated(self.database, MIGRATIONS), SystemIds(self.clock)
        keys = open_keys(database, plan.secrets_folder, ids)
        accounts = build_accounts(
            plan,
            keys=keys,
            audit=AuditLog(key=keys.derived("audit log"), clock=self.clock, ids=ids),
            events=self.events,
            database=database,
            clock=self.clock,
            ids=ids,
            announce_code=self.codes.append,
            pause=self._pause,
        )
        await accounts.start()
        app = FastAPI()
        install_problem_handlers(app)
        app.state.authenticator = accounts.authenticator
        app.include_router(accounts.router)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
            yield Running(self, accounts, client, app)
        await accounts.stop()


@dataclass
class Running:
    """A box that answers."""

    box: Box
    accounts: Accounts
    client: httpx.AsyncClient
    app: FastAPI

    def new_client(self) -> httpx.AsyncClient:
        """Return another program or browser, which the caller closes."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def set_up(self, owner: NewOwner = ANA, **headers: str) -> httpx.Response:
        """Return the answer to a set-up with the code that was announced last."""
        return await self.client.post("/setup", json=setup_body(self.box.codes[-1], owner))

    async def login(self, owner: NewOwner = ANA) -> dict[str, str]:
        """Return the tokens of a new sign-in."""
        body = {"email": owner.email, "password": owner.password}
        answer = await self.client.post("/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    async def status_of_me(self, access_token: str) -> int:
        """Return what `GET /auth/me` answers with this token."""
        answer = await self.client.get("/auth/me", headers=bearer(access_token))
        return answer.status_code


def setup_body(code: str, owner: NewOwner = ANA) -> dict[str, str]:
    """Return the body of `POST /setup`."""
    return {
        "code": code,
        "email": owner.email,
        "name": owner.name,
        "password": owner.password,
        "language": owner.language,
    }


def bearer(access_token: str) -> dict[str, str]:
    """Return the header with this token."""
    return {"Authorization": f"Bearer {access_token}"}
