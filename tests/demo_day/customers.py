"""The twenty demo customers: what each wants of the desk today, and the slips they make."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.talk import Reply
from tests.walk import Answer


def first(reply: Reply) -> str:
    """Whatever is offered first."""
    return reply.titles[0]


def last(reply: Reply) -> str:
    """Whatever is offered last."""
    return reply.titles[-1]


@dataclass(frozen=True)
class Errand:
    """One flow that a customer goes through."""

    flow: str
    says: str
    answers: dict[str, Answer] = field(default_factory=dict)
    slips: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Question -> what is said first, by mistake or by the way."""
    lets_code_expire: bool = False
    mistypes_code: bool = False
    ends: str = "done"
    """`done`, or `told`: the flow cannot do its work, and says why."""


@dataclass(frozen=True)
class Visitor:
    """A demo customer."""

    number: str
    market: str
    language: str
    contacts: tuple[str, ...]
    errands: tuple[Errand, ...]
    channel: str = "web"


WISHES = {
    "it": {
        "register": "Buongiorno, vorrei registrarmi",
        "reset_password": "ho dimenticato la password",
        "recover_username": "non ricordo il nome utente",
        "link_policy": "vorrei collegare un'altra polizza",
        "update_mobile": "devo cambiare il numero di cellulare",
        "view_documents": "vorrei vedere i documenti della polizza",
        "check_request": "a che punto è la mia richiesta?",
    },
    "id": {
        "register": "Selamat pagi, saya mau daftar akun",
        "reset_password": "saya lupa kata sandi",
        "recover_username": "saya lupa username",
        "link_policy": "mau menghubungkan polis lain",
        "update_mobile": "nomor HP saya sudah ganti",
        "view_documents": "saya mau lihat dokumen polis",
        "check_request": "bagaimana status permohonan saya?",
    },
    "en": {
        "register": "Hello, I'd like to open an online account",
        "reset_password": "I forgot my password",
        "recover_username": "I can't remember my user name",
        "link_policy": "I want to link another policy",
        "update_mobile": "I need to change my mobile number",
        "view_documents": "I'd like to see my policy documents",
        "check_request": "what's the status of my request?",
    },
}
QUESTIONS = {
    "it": "ma quanto vale il codice?",
    "id": "kodenya berlaku berapa lama?",
    "en": "how long is the code valid?",
}


def person(name: str, contact: str) -> dict[str, Answer]:
    """Answers of a private customer in Italy who registers."""
    surname = name.rsplit(maxsplit=1)[-1]
    return {
        "profile": first,
        "first_name": name,
        "last_name": surname,
        "contact": contact,
        "consent": first,
    }


def business(kind: int, name: dict[str, Answer], vat: str, contact: str) -> dict[str, Answer]:
    """Answers of a professional or a company in Italy."""
    return {
        "profile": lambda reply: reply.titles[kind],
        **name,
        "vat_number": vat,
        "contact": contact,
        "consent": first,
    }


def policyholder(kind: int, number: str, name: str, born: str) -> dict[str, Answer]:
    """Answers of a customer in Indonesia who registers."""
    return {
        "policy_type": lambda reply: reply.titles[kind],
        "policy_number": number,
        "first_name": name,
        "last_name": last,
        "date_of_birth": born,
        "consent": first,
    }


def errand(language: str, flow: str, answers: dict[str, Answer], **how: object) -> Errand:
    """An errand in the words of its language."""
    return Errand(flow, WISHES[language][flow], answers, **how)  # type: ignore[arg-type]


def known(username: str | None = None) -> dict[str, Answer]:
    """What proves who writes; without a user name the one that the desk made."""
    answers: dict[str, Answer] = {"contact_choice": first}
    return answers | ({"username": username} if username else {})


PICKS: dict[str, Answer] = {"policy_choice": first, "document_choice": first}


def italians() -> list[Visitor]:
    """The twelve of Italy."""
    giulia, luca = "giulia.bianchi@example.it", "luca.ferrari@example.it"
    paolo, sara = "paolo.galli@example.it", "sara.rizzo@example.it"
    anna, elena = "annamaria.dellorto@example.com", "elena.conti@example.it"
    studio, chiara = "studio.moretti@example.it", "chiara.esposito@example.it"
    officine, nino = "amministrazione@brambilla.example", "nino@danino.example"
    john = "john.obrien@example.com"
    new_mobile: dict[str, Answer] = {"address": "Via Po 12", "city": "Torino", "consent": first}
    return [
        Visitor("IT-0001", "it", "it", (giulia, "+393201234519", "+393479990001"), (
            errand("it", "register", person("Giulia Bianchi", giulia),
                   slips={"first_name": ("Giulia 8ianchi",), "contact": (QUESTIONS["it"],)}),
            errand("it", "view_documents", PICKS),
            errand("it", "update_mobile", {**new_mobile, "new_mobile": "347 999 00 01"},
                   slips={"new_mobile": ("347 99",)}),
            errand("it", "check_request", {"confirmation": last}),
        )),
        Visitor("IT-0002", "it", "it", ("+393331112244",), (
            errand("it", "register", person("marco de luca", "333.111.22.44"),
                   lets_code_expire=True),
            errand("it", "reset_password", known("333 111 22 44"), mistypes_code=True),
        ), channel="whatsapp"),
        Visitor("IT-0003", "it", "it", (anna,), (
            errand("it", "register", person("Anna Maria Dell'Orto", anna)),
            errand("it", "view_documents", PICKS),
        )),
        Visitor("IT-0004", "it", "it", (luca, "+393407654321"), (
            errand("it", "register", {
                **person("Luca Ferrari", "luca.ferrari@pec.it"), "contact": luca,
            }, slips={"contact": ("luca.ferrari@pec.it",)}),
            errand("it", "recover_username", {
                "profile": first, "first_name": "Luca Ferrari", "tax_code": "FRRLCU90L14F257L",
                "policy_number": "INA-55120", "confirmation": first,
            }, slips={"tax_code": ("FRRLCU90L14F257X", "boh non torna")}),
        )),
        Visitor("IT-0005", "it", "it", (elena, "+393479990005"), (
            errand("it", "register", person("Elena Conti", elena)),
            errand("it", "update_mobile", {**new_mobile, "new_mobile": "3479990005"}),
        )),
        Visitor("IT-0006", "it", "it", (paolo, "+393289990011"), (
            errand("it", "register", person("Paolo Galli", paolo), mistypes_code=True),
            errand("it", "reset_password", known(paolo), lets_code_expire=True),
            errand("it", "view_documents", PICKS),
        ), channel="whatsapp"),
        Visitor("IT-0007", "it", "it", (sara, "+393668887766"), (
            errand("it", "register", person("Sara Rizzo", sara)),
            errand("it", "check_request",
                   {"request_number": "REQ-00000001", "contact": sara}, ends="told",
                   slips={"request_number": ("non lo trovo",)}),
        )),
        Visitor("IT-0008", "it", "it", (studio, "+393476543210"), (
            errand("it", "register",
                   business(1, {"first_name": "Davide Moretti"}, "03914620277", studio),
                   slips={"vat_number": ("03914620278",)}),
            errand("it", "view_documents", PICKS),
        )),
        Visitor("IT-0009", "it", "it", (officine, "+393351239876"), (
            errand("it", "register",
                   business(2, {"company_name": "Officine Brambilla srl"}, "01288700154",
                            officine)),
            errand("it", "reset_password", known(officine)),
        )),
        Visitor("IT-0010", "it", "it", (nino,), (
            errand("it", "register",
                   business(2, {"company_name": "Trattoria Da Nino snc"}, "07765100883", nino)),
            errand("it", "recover_username", {
                "profile": last, "company_name": "Trattoria Da Nino",
                "vat_number": "07765100883", "policy_number": "410011567",
                "confirmation": first,
            }),
        )),
        Visitor("IT-0011", "it", "it", (chiara, "+393391231231"), (
            errand("it", "register", person("Chiara Esposito", chiara)),
            errand("it", "reset_password", known(chiara)),
            errand("it", "view_documents", PICKS),
        )),
        Visitor("IT-0012", "it", "en", (john, "+393457778899"), (
            errand("en", "register", person("John O'Brien", john),
                   slips={"consent": (QUESTIONS["en"],)}),
            errand("en", "view_documents", PICKS),
            errand("en", "reset_password", known(john), mistypes_code=True),
        )),
    ]  # fmt: skip


def indonesians() -> list[Visitor]:
    """The eight of Indonesia."""
    budi = ("+6281234567890", "budi.santoso@example.co.id", "+6281377778888")
    agus = ("+628111222333", "agus.wk@example.co.id")
    margaret = ("+6281122334455", "m.thompson@example.com", "+6281299990008")
    return [
        Visitor("ID-0001", "id", "id", budi, (
            errand("id", "register", policyholder(0, "00120451", "Budi Santoso", "17-8-1990"),
                   slips={"date_of_birth": ("kemarin",)}),
            errand("id", "link_policy", {
                "policy_type": first, "policy_number": "00120999",
                "date_of_birth": "17 Agustus 1990", "confirmation": first,
            }, slips={"policy_number": ("00120998 eh",)}),
            errand("id", "link_policy", {
                "policy_type": last, "policy_number": "DPLK-300011",
                "date_of_birth": "17/08/1990", "confirmation": first,
            }),
            errand("id", "view_documents", PICKS),
            errand("id", "update_mobile", {"new_mobile": "0813 7777 8888", "confirmation": first},
                   slips={"new_mobile": ("021 555 1234",)}),
        )),
        Visitor("ID-0002", "id", "id", ("+6281398765432", "siti.rahma@example.co.id"), (
            errand("id", "register",
                   policyholder(0, "00133872", "Ibu Siti Rahmawati", "5 Mei 1985"),
                   lets_code_expire=True),
            errand("id", "reset_password", known(), mistypes_code=True),
        ), channel="whatsapp"),
        Visitor("ID-0003", "id", "id", ("+6285712345678",), (
            errand("id", "register", policyholder(0, "00140003", "Sulastri", "31/12/1979")),
            errand("id", "recover_username", {
                **policyholder(0, "00140003", "Sulastri", "31 Desember 1979"),
                "confirmation": first,
            }),
        )),
        Visitor("ID-0004", "id", "id", agus, (
            errand("id", "register",
                   policyholder(1, "GRP-2201-0007", "Agus Wijaya Kusuma", "14-03-1982"),
                   slips={"policy_number": ("GRP",)}),
            errand("id", "link_policy", {"policy_type": lambda reply: reply.titles[1]},
                   ends="told"),
            errand("id", "link_policy", {
                "policy_type": first, "policy_number": "00155010",
                "date_of_birth": "14 Maret 1982", "confirmation": first,
            }),
        )),
        Visitor("ID-0005", "id", "id", ("dewi.lestari@example.co.id",), (
            errand("id", "register", policyholder(1, "GRP-2201-0015", "Dewi Lestari", "21-7-1993")),
            errand("id", "view_documents", PICKS),
        )),
        Visitor("ID-0006", "id", "id", ("+6281999888777", "ketut.arnaya@example.co.id"), (
            errand("id", "register",
                   policyholder(2, "DPLK-300145", "Ketut Arnaya", "4 April 1974")),
            errand("id", "reset_password", known(), lets_code_expire=True),
        ), channel="whatsapp"),
        Visitor("ID-0007", "id", "id", ("+6287811223344", "rizky.p@example.co.id"), (
            errand("id", "register", policyholder(0, "00178234", "Rizky Pratama", "11-11-1998"),
                   ends="told"),
        )),
        Visitor("ID-0008", "id", "en", margaret, (
            errand("en", "register",
                   policyholder(0, "00189911", "Margaret Thompson", "19 January 1969"),
                   slips={"policy_number": (QUESTIONS["en"],)}),
            errand("en", "view_documents", PICKS),
            errand("en", "update_mobile", {"new_mobile": "0812 9999 0008", "confirmation": first}),
        )),
    ]  # fmt: skip


def everybody() -> list[Visitor]:
    """All twenty."""
    return [*italians(), *indonesians()]
