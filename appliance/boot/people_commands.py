"""`nodo user …` and `nodo demo …`: the people of this box, whether it runs or not."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

from appliance.accounts.acting import AT_THE_BOX
from appliance.accounts.inviting import NewPerson
from appliance.accounts.model import User, normalised_email
from appliance.accounts.one_time_codes import GivenOut
from appliance.accounts.store.directory import PeopleFilter, state_of
from appliance.base.errors import InvalidValueError
from appliance.base.identity import Role
from appliance.boot.box_accounts import BoxAccounts, box_accounts
from appliance.boot.settings import Settings

_AT_ONCE = 200

_Command = Callable[[BoxAccounts, argparse.Namespace], Awaitable[None]]


def look_after_people(settings: Settings, arguments: argparse.Namespace) -> int:
    """Do what `nodo user ACTION` or `nodo demo ACTION` says."""
    command = _COMMANDS[f"{arguments.command} {arguments.action}"]
    with box_accounts(settings) as box:
        asyncio.run(_done(command, box, arguments))
    return 0


async def _done(command: _Command, box: BoxAccounts, arguments: argparse.Namespace) -> None:
    try:
        await command(box, arguments)
    finally:
        await box.accounts.stop()


async def _add(box: BoxAccounts, arguments: argparse.Namespace) -> None:
    password = _typed_password() if arguments.password_stdin else None
    person = NewPerson(
        arguments.email, arguments.name, Role(arguments.role), arguments.user_language
    )
    others = box.accounts.others
    user, given = await others.inviting.add(person, actor=AT_THE_BOX)
    print(f"{user.name} <{user.email}> has an account ({user.role}).")
    if password is None:
        _print_code(box, given, "to set a password")
    else:
        await others.giving_passwords.give(user.id, password, actor=AT_THE_BOX)


async def _list(box: BoxAccounts, arguments: argparse.Namespace) -> None:
    people: list[User] = []
    while True:
        page = await box.accounts.others.looking_after.list_people(
            PeopleFilter(), before_id=people[-1].id if people else None, limit=_AT_ONCE
        )
        people.extend(page)
        if len(page) < _AT_ONCE:
            break
    people.reverse()
    if arguments.json:
        print(json.dumps([_as_json(user) for user in people], ensure_ascii=False, indent=2))
        return
    for user in people:
        print(f"{user.email:40} {user.role:10} {_state(user):9} {user.name}")
    if not people:
        print("Nobody has an account on this box yet.")


async def _reset_password(box: BoxAccounts, arguments: argparse.Namespace) -> None:
    others, user = box.accounts.others, await _person(box, arguments)
    if arguments.password_stdin:
        await others.giving_passwords.give(user.id, _typed_password(), actor=AT_THE_BOX)
        print(f"{user.name} <{user.email}> has another password, and is signed out everywhere.")
        return
    _user, given = await others.inviting.reset(user.id, actor=AT_THE_BOX)
    _print_code(box, given, f"for another password of {user.name} <{user.email}>")


async def _disable(box: BoxAccounts, arguments: argparse.Namespace) -> None:
    user = await _person(box, arguments)
    await box.accounts.others.looking_after.disable(user.id, actor=AT_THE_BOX)
    print(f"{user.name} <{user.email}> may not sign in any more; a running Nodo knows in 10 s.")


async def _enable(box: BoxAccounts, arguments: argparse.Namespace) -> None:
    user = await _person(box, arguments)
    await box.accounts.others.looking_after.enable(user.id, actor=AT_THE_BOX)
    print(f"{user.name} <{user.email}> may sign in.")


async def _load_demo(box: BoxAccounts, _arguments: argparse.Namespace) -> None:
    made = await box.accounts.others.demonstrating.load(box.examples, actor=AT_THE_BOX)
    for user, password in made:
        print(f"{user.email:24} {user.role:10} {password}")
    print(
        "Everybody who reaches this box can sign in with these accounts: the sign-in page shows\n"
        "their passwords. Run nodo demo clear before other people use it."
    )


async def _clear_demo(box: BoxAccounts, _arguments: argparse.Namespace) -> None:
    count = await box.accounts.others.demonstrating.clear(box.examples, actor=AT_THE_BOX)
    print(f"{count} accounts for trying out are gone, with all that was theirs.")


_COMMANDS: Mapping[str, _Command] = {
    "user add": _add,
    "user list": _list,
    "user reset-password": _reset_password,
    "user disable": _disable,
    "user enable": _enable,
    "demo load": _load_demo,
    "demo clear": _clear_demo,
}


async def _person(box: BoxAccounts, arguments: argparse.Namespace) -> User:
    email = normalised_email(arguments.email)
    return await box.accounts.others.looking_after.person_by_email(email)


def _typed_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InvalidValueError(
            "No password came on standard input.", hint="Write it there, on a line of its own."
        )
    return password


def _print_code(box: BoxAccounts, given: GivenOut, purpose: str) -> None:
    until = given.code.expires_at.astimezone().strftime("%Y-%m-%d %H:%M")
    print(f"One-time code {purpose}: {given.text} (works until {until})")
    print(f"{box.address}/#/join?code={given.text}")


def _state(user: User) -> str:
    return "owner" if user.is_owner else state_of(user).value


def _as_json(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": user.language,
        "state": state_of(user).value,
        "is_owner": user.is_owner,
        "created_at": user.created_at.isoformat(),
        "last_seen_at": None if user.last_seen_at is None else user.last_seen_at.isoformat(),
    }
