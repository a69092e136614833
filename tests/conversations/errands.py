"""Two customers and all that they want of the desk, once tapped and once written.

One conversation for an account, a password, a policy and a number, on any channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.backend.services.link_policy.counter import GIULIA as NEW_POLICY
from tests.conversations.cases import CONTACTS, LINK, MOBILE, PEOPLE, REGISTER, RESET, first_button
from tests.conversations.effects import area_by, is_let_in, number_of_request, staff_decide
from tests.conversations.register.people import Person
from tests.conversations.register.steps import user_name
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import PASSWORD
from tests.walk import Answer, Walk

NEW_PASSWORD = {"it": "Ortensia73Rosa", "id": "anggrek ungu 73"}


@dataclass(frozen=True)
class Errand:
    """A flow: what is said first, and what to each question."""

    flow: str
    opening: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Customer:
    """Somebody who does four things in one conversation."""

    who: str
    phone: str
    linked: str
    """The policy that is not in the account from the start."""
    new_mobile: str
    errands: tuple[Errand, ...]
    taps: bool = True

    @property
    def person(self) -> Person:
        return PEOPLE[self.who]

    @property
    def contacts(self) -> tuple[str, ...]:
        """Where codes may arrive."""
        return (*CONTACTS[self.who], self.new_mobile)

    def __str__(self) -> str:
        return f"{self.who}-{'taps' if self.taps else 'writes'}"


_TAPS: Mapping[str, Answer] = {"contact_choice": first_button, "consent": first_button}

_GIULIA_TAPS = (
    Errand("register", REGISTER[0].opening, REGISTER[0].answers),
    Errand("reset_password", RESET[0].opening, _TAPS),
    Errand(
        "link_policy", "Vorrei collegare un'altra polizza al mio account",
        {
            **_TAPS, "policy_number": NEW_POLICY["policy_number"],
            "date_of_birth": "3 aprile 1985", "confirmation": first_button,
        },
    ),
    Errand("update_mobile", MOBILE[0].opening, {**_TAPS, **MOBILE[0].answers}),
)  # fmt: skip
_BUDI_TAPS = (
    Errand("register", REGISTER[1].opening, REGISTER[1].answers),
    Errand("reset_password", RESET[1].opening, _TAPS),
    Errand("link_policy", LINK[1].opening, {**_TAPS, **LINK[1].answers}),
    Errand("update_mobile", MOBILE[1].opening, {**_TAPS, **MOBILE[1].answers}),
)
# Numbers, titles, titles with a slip, and sentences.
_GIULIA_WRITES = (
    Errand(
        "register", "salve, non ho ancora l'account online, come faccio?",
        {
            "profile": "1", "first_name": "Mi chiamo Giulia Bianchi",
            "contact": "la mia mail è giulia.bianchi@example.it", "consent": "Acetto",
        },
    ),
    Errand(
        "reset_password", "non mi ricordo più la password",
        {"username": "il nome utente è giulia.bianchi@example.it", "contact_choice": "2"},
    ),
    Errand(
        "link_policy", "ho un'altra polizza e non la vedo, la collegate?",
        {
            "username": "giulia.bianchi@example.it", "contact_choice": first_button,
            "policy_number": "la polizza è la 401122399", "date_of_birth": "sono nata il 3/4/1985",
            "confirmation": "Sì, colega",
        },
    ),
    Errand(
        "update_mobile", "ho cambiato numero di cellulare",
        {
            "username": "giulia.bianchi@example.it", "contact_choice": "2.",
            "address": "abito in Via Po 12", "city": "Torino",
            "new_mobile": "il nuovo numero è 347 999 88 77", "consent": "sì, accetto",
        },
    ),
)  # fmt: skip
_BUDI_WRITES = (
    Errand(
        "register", "kak mau bikin akun, belum punya",
        {
            "policy_type": "1", "policy_number": "nomor polis saya 00120451",
            "first_name": "nama saya Budi Santoso", "date_of_birth": "17 Agustus 1990",
            "consent": "Setuj",
        },
    ),
    Errand("reset_password", "lupa kata sandi kak", {"contact_choice": "2"}),
    Errand(
        "link_policy", "saya ada polis satu lagi, mau dihubungkan ke akun",
        {
            "contact_choice": first_button, "policy_type": "Individu",
            "policy_number": "00120999", "date_of_birth": "saya lahir 17-8-1990",
            "confirmation": "Ya, hubungkn",
        },
    ),
    Errand(
        "update_mobile", "nomor HP saya ganti",
        {
            "contact_choice": "2", "new_mobile": "nomor barunya 0813 7777 8888",
            "confirmation": "ya, itu benar",
        },
    ),
)  # fmt: skip
_GIULIA, _BUDI = ("giulia", "+393201234519"), ("budi", "+6281234567890")
_ITALIAN, _INDONESIAN = ("401122399", "+393479998877"), ("00120999", "+6281377778888")
EVERYBODY = [
    Customer(*_GIULIA, *_ITALIAN, _GIULIA_TAPS),
    Customer(*_GIULIA, *_ITALIAN, _GIULIA_WRITES, taps=False),
    Customer(*_BUDI, *_INDONESIAN, _BUDI_TAPS),
    Customer(*_BUDI, *_INDONESIAN, _BUDI_WRITES, taps=False),
]


def gets_everything_done(
    house: Stack, visitors: Visitors, walk: Walk, customer: Customer, folder: Path, *, pause: int
) -> None:
    """All errands of *customer*, with *pause* seconds between them, and what they changed."""
    talk = walk.talk
    registration, *others = customer.errands
    _goes_through(walk, registration)
    known = {"username": user_name(talk, customer.person)}
    visitors.takes_in(folder, **NEW_POLICY)
    walk.password = NEW_PASSWORD[talk.market]
    for errand in others:
        talk.moves_clock(pause)
        _goes_through(walk, errand, known)
    if talk.market == "it":
        _hears_of_the_decision(house, walk)

    name = known["username"]
    talk.moves_clock(121)
    assert not is_let_in(talk, name, PASSWORD[talk.market])
    area = area_by(talk, name, walk.password, customer.new_mobile)
    assert customer.person.policies[0] in area
    assert customer.linked in area


def _goes_through(walk: Walk, errand: Errand, known: Mapping[str, str] | None = None) -> None:
    walk.answers = {**(known or {}), **errand.answers}
    walk.begins(errand.opening, errand.flow)
    walk.until(None)


def _hears_of_the_decision(house: Stack, walk: Walk) -> None:
    number = number_of_request(walk.talk.last.text)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)
    assert number in walk.hears(seen).text
