"""People who want another mobile number, and what they write into the form."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.adapters.tables.files import files
from backend.core.customers import Customer
from backend.core.flow import Command, Step
from backend.core.requests import Request
from backend.core.uploads import Upload
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_EMAIL, GIULIA
from tests.sent_files import jpeg

NEW, NEW_WRITTEN = "+393481112233", "348.111.22.33"
NEW_BUDI, NEW_BUDI_WRITTEN = "+6285712340001", "0857-1234-0001"
HOME = {"address": "Via Garibaldi 7", "city": "10122 Torino"}
PERSON = {
    "first_name": "Giulia Bianchi", "place_of_birth": "Torino", "date_of_birth": "3 aprile 1985",
    "sex": "donna", **HOME,
}  # fmt: skip


def asks(desk: Desk, market: str = "it", **about: str) -> Talk:
    """Somebody who has just asked for another number."""
    return desk.talk(market, flow="update_mobile", **about)


def proved(desk: Desk, talk: Talk, username: str = GIULIA, to: str = GIULIA) -> Talk:
    """Prove who writes by a code to the e-mail address on file."""
    talk.says(username=username)
    if talk.step.asking == "contact_choice":
        talk.says(contact_choice="email")
    talk.says(otp_code=desk.code_to(to))
    return talk


def giulia_proved(desk: Desk) -> Talk:
    return proved(desk, asks(desk))


def budi_proved(desk: Desk, username: str) -> Talk:
    return proved(desk, asks(desk, "id"), username, BUDI_EMAIL)


def lost(talk: Talk, username: str = GIULIA) -> Talk:
    """Name a user, and have none of the contacts."""
    talk.says(username=username)
    if talk.step.asking == "otp_code":
        talk.says(Command.NOT_AVAILABLE)
    talk.says(Command.DENY)
    return talk


def uploads(talk: Talk) -> Step:
    """Send the document in on the page that was shown last, and come back."""
    store(talk)
    return talk.says(Command.PAGE_DONE)


def store(talk: Talk) -> None:
    assert talk.step.page is not None
    backend = talk.desk.backend
    token = backend.pages.mint(talk.step.page.id).rsplit("/", 1)[1]
    front, back = (Upload(f"{side}.jpg", "image/jpeg", jpeg()) for side in ("front", "back"))
    backend.uploads.store(token, "passport", front, back)


def at_the_code(desk: Desk, talk: Talk, number: str = NEW_WRITTEN, **form: str) -> Talk:
    """Fill in the form up to the code that goes to the new number."""
    talk.gives(**(form or HOME), new_mobile=number)
    uploads(talk)
    talk.says(Command.AFFIRM)
    assert talk.step.asking == "otp_code", talk.step
    return talk


def requests(desk: Desk) -> list[Request]:
    with desk.backend.uow(read_only=True) as uow:
        return uow.requests.listing(None, None)


def customer(desk: Desk, number: str = "IT-0001", market: str = "it") -> Customer:
    with desk.backend.uow(read_only=True) as uow:
        found = uow.customers.by_number(market, number)
    assert found is not None
    return found


def kept_files(desk: Desk) -> int:
    """Identity documents in the database."""
    query = select(func.count()).where(files.c.purpose == "identity")
    with desk.backend.uow(read_only=True) as uow:
        return int(uow.connection.execute(query).scalar_one())
