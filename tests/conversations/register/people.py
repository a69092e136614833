"""Customers of the demo file, each with what they answer to every question of registration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """A demo customer and the way they talk."""

    market: str
    contact: str
    """Where the code goes."""
    answers: dict[str, str] = field(repr=False)
    """Question -> what is typed; a title where the question has buttons."""
    policies: tuple[str, ...]
    """Numbers that the area must show afterwards."""
    mobile: str | None = None
    """Where the second code of the login goes."""


GIULIA = Person(
    market="it",
    contact="giulia.bianchi@example.it",
    mobile="+393201234519",
    answers={
        "profile": "Persona",
        "first_name": "Giulia Bianchi",
        "contact": "giulia.bianchi@example.it",
        "consent": "Accetto",
    },
    policies=("401122334", "401122335"),
)
MARCO = Person(
    market="it",
    contact="+393331112244",
    mobile="+393331112244",
    answers={
        "profile": "Persona",
        "first_name": "marco de luca",
        "contact": "333 111 22 44",
        "consent": "Accetto",
    },
    policies=("402200117",),
)
DAVIDE = Person(
    market="it",
    contact="studio.moretti@example.it",
    mobile="+393476543210",
    answers={
        "profile": "Professionista",
        "first_name": "Davide Moretti",
        "vat_number": "03914620277",
        "contact": "studio.moretti@example.it",
        "consent": "Accetto",
    },
    policies=("408800123",),
)
BRAMBILLA = Person(
    market="it",
    contact="amministrazione@brambilla.example",
    mobile="+393351239876",
    answers={
        "profile": "Azienda",
        "company_name": "Officine Brambilla srl",
        "vat_number": "01288700154",
        "contact": "amministrazione@brambilla.example",
        "consent": "Accetto",
    },
    policies=("409900456", "409900457"),
)
JOHN = Person(
    market="it",
    contact="john.obrien@example.com",
    mobile="+393457778899",
    answers={
        "profile": "Person",
        "first_name": "John O'Brien",
        "contact": "john.obrien@example.com",
        "consent": "I accept",
    },
    policies=("412233789",),
)
SARA = Person(
    market="it",
    contact="sara.rizzo@example.it",
    mobile="+393668887766",
    answers={
        "profile": "Persona",
        "first_name": "Sara Rizzo",
        "contact": "sara.rizzo@example.it",
        "consent": "Accetto",
    },
    policies=("407700991",),
)
BUDI = Person(
    market="id",
    contact="+6281234567890",
    mobile="+6281234567890",
    answers={
        "policy_type": "Individu",
        "policy_number": "00120451",
        "first_name": "Budi Santoso",
        "date_of_birth": "17 Agustus 1990",
        "consent": "Setuju",
    },
    policies=("00120451",),
)
AGUS = Person(
    market="id",
    contact="+628111222333",
    mobile="+628111222333",
    answers={
        "policy_type": "Group",
        "policy_number": "GRP-2201-0007",
        "first_name": "Agus Wijaya Kusuma",
        "date_of_birth": "14-03-1982",
        "consent": "Setuju",
    },
    policies=("GRP-2201-0007",),
)
KETUT = Person(
    market="id",
    contact="+6281999888777",
    mobile="+6281999888777",
    answers={
        "policy_type": "DPLK",
        "policy_number": "DPLK-300145",
        "first_name": "Ketut Arnaya",
        "date_of_birth": "4 April 1974",
        "consent": "Setuju",
    },
    policies=("DPLK-300145",),
)
SULASTRI = Person(
    market="id",
    contact="+6285712345678",
    mobile="+6285712345678",
    answers={
        "policy_type": "Individu",
        "policy_number": "00140003",
        "first_name": "Sulastri",
        "last_name": "Hanya satu nama",
        "date_of_birth": "31/12/1979",
        "consent": "Setuju",
    },
    policies=("00140003",),
)
MARGARET = Person(
    market="id",
    contact="+6281122334455",
    mobile="+6281122334455",
    answers={
        "policy_type": "Individual",
        "policy_number": "00189911",
        "first_name": "Margaret Thompson",
        "date_of_birth": "19 January 1969",
        "consent": "I accept",
    },
    policies=("00189911",),
)


def in_english(person: Person) -> Person:
    """The same customer, pressing the buttons of an English desk."""
    titles = {
        "Persona": "Person",
        "Professionista": "Professional",
        "Azienda": "Company",
        "Accetto": "I accept",
        "Individu": "Individual",
        "Setuju": "I accept",
        "Hanya satu nama": "I have one name only",
    }
    answers = {slot: titles.get(said, said) for slot, said in person.answers.items()}
    return Person(person.market, person.contact, answers, person.policies, person.mobile)
