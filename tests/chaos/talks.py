"""What customers come for; what is asked in which order is the desk's to say."""

from __future__ import annotations

from collections.abc import Mapping

from tests.chaos import Chance
from tests.chaos.customers import FIRST, Customer, Said, Talk

ASIDES = {
    "it": ("ma quanto vale il codice?", "i miei dati sono al sicuro?"),
    "id": ("kodenya berlaku berapa lama?", "data saya aman tidak?"),
}
CANCEL = {"it": "annulla", "id": "batalkan"}


def _nothing(_: Customer) -> Mapping[str, Said]:
    return {}


def _registers(customer: Customer) -> Mapping[str, Said]:
    name = " ".join(customer.name)
    own: dict[str, Said] = {"first_name": name, "last_name": customer.name[1], "consent": FIRST}
    if customer.market == "it":
        return own | {"profile": FIRST, "contact": customer.number}
    return own | {
        "policy_type": FIRST,
        "policy_number": customer.policy,
        "date_of_birth": customer.born,
    }


def _recovers(customer: Customer) -> Mapping[str, Said]:
    return {
        "policy_type": FIRST,
        "policy_number": customer.policy,
        "first_name": " ".join(customer.name),
        "last_name": customer.name[1],
        "date_of_birth": customer.born,
        "confirmation": FIRST,
    }


def _changes_mobile(customer: Customer) -> Mapping[str, Said]:
    both: dict[str, Said] = {"contact_choice": FIRST, "new_mobile": customer.new_number}
    if customer.market == "id":
        return both | {"confirmation": FIRST}
    return both | {
        "address": "Via Po 12",
        "city": "Torino",
        "date_of_birth": customer.born,
        "place_of_birth": "Torino",
        "sex": FIRST,
        "consent": FIRST,
    }


TALKS = (
    Talk(
        "questions", "it", None,
        ("come si accede all'area clienti?", "dove trovo gli ospedali convenzionati?", "grazie"),
        _nothing,
    ),
    Talk("registration", "it", "register", ("Buongiorno, vorrei registrarmi",), _registers),
    Talk("registration", "id", "register", ("Selamat pagi, saya mau daftar akun",), _registers),
    Talk(
        "user name", "id", "recover_username", ("Saya lupa username saya",), _recovers,
        has_account=True,
    ),
    Talk(
        "mobile, by codes", "id", "update_mobile", ("Nomor HP saya sudah ganti, mau diperbarui",),
        _changes_mobile, has_account=True,
    ),
    Talk(
        "mobile, by request", "it", "update_mobile",
        ("Ho cambiato numero di cellulare, devo aggiornarlo",), _changes_mobile, has_account=True,
    ),
)  # fmt: skip

_LINES = (("whatsapp", "socket", "requests"), (0.7, 0.2, 0.1))


def everybody(number: int, chance: Chance) -> list[Customer]:
    """So many customers, every talk as often as any other, most of them on WhatsApp."""
    lines = chance.choices(*_LINES, k=number)
    if number >= len(_LINES[0]):
        lines[-2:] = ["socket", "requests"]  # of each at least one
    return [Customer(index, TALKS[index % len(TALKS)], line) for index, line in enumerate(lines)]
