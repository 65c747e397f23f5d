import csv
import io
import json

import pytest

from tests.accounts.crew import joined, owner_of
from tests.accounts.house import Running


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("action=invite.used", ["invite.used"]),
        ("action=invite", ["invite.used", "invite.created"]),
        ("action=invit", []),
        ("actor=be", ["login.done", "invite.used"]),
        ("outcome=refused", []),
        ("since=2026-03-02T09:00:01Z", []),
        ("until=2026-03-02T09:00:00Z", []),
    ],
)
async def test_entries_are_found_by_what_is_asked(owned: Running, query: str, actions: list[str]):
    owner = await owner_of(owned)
    await joined(owned, owner, "worker", "Bea")

    page = await owned.client.get(f"/admin/audit?{query}", headers=owner.headers)

    assert [entry["action"] for entry in page.json()["items"]] == actions


async def test_entries_come_in_pages(owned: Running):
    owner = await owner_of(owned)
    await joined(owned, owner, "worker", "Bea")
    whole = (await owned.client.get("/admin/audit", headers=owner.headers)).json()["items"]

    first = (await owned.client.get("/admin/audit?limit=2", headers=owner.headers)).json()
    second = await owned.client.get(
        f"/admin/audit?limit=200&cursor={first['next_cursor']}", headers=owner.headers
    )

    assert first["items"] + second.json()["items"] == whole
    assert second.json()["next_cursor"] is None


async def test_the_log_is_a_file_of_json_lines(owned: Running):
    owner = await owner_of(owned)
    await joined(owned, owner, "worker", "Bea")

    file = await owned.client.get("/admin/audit/export?format=jsonl", headers=owner.headers)

    entries = [json.loads(line) for line in file.text.splitlines()]
    assert entries[-1]["action"] == "login.done"
    assert file.headers["content-disposition"] == 'attachment; filename="nodo-audit.jsonl"'


async def test_no_cell_of_the_table_is_a_formula(owned: Running):
    owner = await owner_of(owned)
    await joined(owned, owner, "worker", "=1+1")

    file = await owned.client.get("/admin/audit/export?format=csv", headers=owner.headers)

    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["id", "created_at", "action"]
    assert rows[-1][4] == "'=1+1"


async def test_the_check_says_that_the_log_is_whole(owned: Running):
    owner = await owner_of(owned)

    answer = await owned.client.get("/admin/audit/check", headers=owner.headers)

    assert answer.json() == {"ok": True, "entries": 3, "first_broken_id": None}
