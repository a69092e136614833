"""Every flow with a customer who can go through it: what they say first and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.conversations.register import people
from tests.conversations.register.people import Person
from tests.conversations.register.steps import registers
from tests.talk import Talk
from tests.walk import Answer, Walk

DAY = 86_400
CONTACTS = {
    "giulia": ("+393201234519", "giulia.bianchi@example.it"),
    "marco": ("+393331112244",),
    "john": ("+393457778899", "john.obrien@example.com"),
    "sara": ("+393668887766", "sara.rizzo@example.it"),
    "davide": ("+393476543210", "studio.moretti@example.it"),
    "brambilla": ("+393351239876", "amministrazione@brambilla.example"),
    "budi": ("+6281234567890", "budi.santoso@example.co.id"),
    "margaret": ("+6281122334455", "m.thompson@example.com"),
    "agus": ("+628111222333", "agus.wk@example.co.id"),
    "ketut": ("+6281999888777", "ketut.arnaya@example.co.id"),
    "sulastri": ("+6285712345678",),
}
PEOPLE = {
    "giulia": people.GIULIA,
    "marco": people.MARCO,
    "john": people.JOHN,
    "sara": people.SARA,
    "davide": people.DAVIDE,
    "brambilla": people.BRAMBILLA,
    "budi": people.BUDI,
    "margaret": people.MARGARET,
    "agus": people.AGUS,
    "ketut": people.KETUT,
    "sulastri": people.SULASTRI,
}


@dataclass
class Case:
    """A flow, a demo customer, a language."""

    flow: str
    who: str
    language: str
    opening: str
    answers: dict[str, Answer] = field(default_factory=dict)
    needs_account: bool = True
    extra_contacts: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        return PEOPLE[self.who]

    @property
    def market(self) -> str:
        return self.person.market

    def __str__(self) -> str:
        return f"{self.flow}-{self.who}-{self.language}"


def first_button(reply: object) -> str:
    """Whatever is offered first."""
    return str(reply.titles[0])  # type: ignore[attr-defined]


def sets_out(customer: Callable[..., Talk], case: Case) -> Walk:
    """The customer, with an account where the flow needs one, about to ask for the flow."""
    answers = dict(case.answers)
    if case.needs_account:
        language = _language_of_buttons(case)
        earlier = customer(case.market, language)
        name = registers(earlier, case.person, language)
        earlier.moves_clock(DAY)
        answers.setdefault("username", name)
        answers.setdefault("contact_choice", first_button)
        talk = Talk(str(earlier.http.base_url), case.market, case.language)
    else:
        talk = customer(case.market, case.language)
    return Walk(talk, answers, (*CONTACTS[case.who], *case.extra_contacts))


def begins(customer: Callable[..., Talk], case: Case) -> Walk:
    """The flow is under way; its first question is open."""
    walk = sets_out(customer, case)
    walk.begins(case.opening, case.flow)
    return walk


def _language_of_buttons(case: Case) -> str:
    return "en" if case.who in {"john", "margaret"} else case.market


RESET = [
    Case("reset_password", "giulia", "it", "Ho dimenticato la password, come faccio?"),
    Case("reset_password", "budi", "id", "Saya lupa kata sandi akun saya"),
    Case("reset_password", "john", "en", "I forgot my password"),
]
RECOVER = [
    Case(
        "recover_username", "giulia", "it", "Non ricordo più il mio nome utente",
        {
            "profile": "Persona", "first_name": "Giulia Bianchi",
            "tax_code": "BNCGLI85D43L219M", "policy_number": "401122334",
            "confirmation": first_button,
        },
    ),
    Case(
        "recover_username", "budi", "id", "Saya lupa username saya",
        {
            "policy_type": "Individu", "policy_number": "00120451",
            "first_name": "Budi Santoso", "date_of_birth": "17 Agustus 1990",
            "confirmation": first_button,
        },
    ),
    Case(
        "recover_username", "margaret", "en", "I can't remember my user name",
        {
            "policy_type": "Individual", "policy_number": "00189911",
            "first_name": "Margaret Thompson", "date_of_birth": "19 January 1969",
            "confirmation": first_button,
        },
    ),
]  # fmt: skip
LINK = [
    Case(
        "link_policy", "agus", "it", "Vorrei collegare un'altra polizza al mio account",
        {
            "policy_type": "DPLK", "policy_number": "DPLK-300078",
            "date_of_birth": "14 marzo 1982", "confirmation": first_button,
        },
    ),
    Case(
        "link_policy", "budi", "id", "Saya mau menghubungkan polis lain ke akun saya",
        {
            "policy_type": "Individu", "policy_number": "00120999",
            "date_of_birth": "17 Agustus 1990", "confirmation": first_button,
        },
    ),
    Case(
        "link_policy", "agus", "en", "I want to add another policy to my account",
        {
            "policy_type": "Individual", "policy_number": "00155010",
            "date_of_birth": "14 March 1982", "confirmation": first_button,
        },
    ),
]  # fmt: skip
MOBILE = [
    Case(
        "update_mobile", "giulia", "it", "Ho cambiato numero di cellulare, devo aggiornarlo",
        {
            "address": "Via Po 12", "city": "Torino", "new_mobile": "347 999 88 77",
            "consent": first_button,
        },
        extra_contacts=("+393479998877",),
    ),
    Case(
        "update_mobile", "budi", "id", "Nomor HP saya sudah ganti, mau diperbarui",
        {"new_mobile": "0813 7777 8888", "confirmation": first_button},
        extra_contacts=("+6281377778888",),
    ),
    Case(
        "update_mobile", "john", "en", "I have a new mobile number, please update it",
        {
            "address": "Via Garibaldi 3", "city": "Genova", "new_mobile": "347 555 66 77",
            "consent": first_button,
        },
        extra_contacts=("+393475556677",),
    ),
]  # fmt: skip
DOCUMENTS = [
    Case(
        "view_documents", "giulia", "it", "Vorrei vedere i documenti della mia polizza",
        {"policy_choice": first_button, "document_choice": first_button},
    ),
    Case(
        "view_documents", "budi", "id", "Saya mau lihat dokumen polis",
        {"policy_choice": first_button, "document_choice": first_button},
    ),
    Case(
        "view_documents", "john", "en", "I'd like to see my policy documents",
        {"policy_choice": first_button, "document_choice": first_button},
    ),
]  # fmt: skip
REQUESTS = [
    Case(
        "check_request", "giulia", "it", "A che punto è la mia richiesta?",
        {"request_number": "REQ-00000000", "contact": "giulia.bianchi@example.it"},
        needs_account=False,
    ),
    Case(
        "check_request", "budi", "id", "Bagaimana status pengajuan saya?",
        {"request_number": "REQ-00000000", "contact": "budi.santoso@example.co.id"},
        needs_account=False,
    ),
    Case(
        "check_request", "john", "en", "What's the status of my request?",
        {"request_number": "REQ-00000000", "contact": "john.obrien@example.com"},
        needs_account=False,
    ),
]  # fmt: skip
REGISTER = [
    Case(
        "register", "giulia", "it", "Buongiorno, vorrei registrarmi",
        dict(people.GIULIA.answers), needs_account=False,
    ),
    Case(
        "register", "budi", "id", "Saya mau daftar akun",
        dict(people.BUDI.answers), needs_account=False,
    ),
    Case(
        "register", "john", "en", "I'd like to register",
        dict(people.JOHN.answers), needs_account=False,
    ),
]  # fmt: skip
EVERY = [*REGISTER, *RESET, *RECOVER, *LINK, *MOBILE, *DOCUMENTS, *REQUESTS]
ONE_EACH = [
    REGISTER[0], RESET[1], RECOVER[2], LINK[1], MOBILE[0], DOCUMENTS[2], REQUESTS[1],
]  # fmt: skip
