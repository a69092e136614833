"""Which hashes of other systems are taken, and at what price."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, Type
from passlib.hash import bcrypt, md5_crypt, pbkdf2_sha256, scrypt, sha512_crypt

from backend.adapters import older_hashes
from backend.core.errors import Invalid
from backend.core.older_hashes import format_of, read_hash

SALT, DIGEST = "c2FsdHNhbHQ", "A" * 43
TAKEN = {
    "argon2id": PasswordHasher(1, 64, 1, type=Type.ID).hash("Melograno7"),
    "argon2i": PasswordHasher(1, 64, 1, type=Type.I).hash("Melograno7"),
    "bcrypt": bcrypt.using(rounds=4).hash("Melograno7"),
    "pbkdf2": pbkdf2_sha256.using(rounds=10).hash("Melograno7"),
    "scrypt": scrypt.using(rounds=4).hash("Melograno7"),
}


@pytest.mark.parametrize("password_hash", TAKEN.values(), ids=TAKEN)
def test_a_known_form_is_taken_and_checked(password_hash: str) -> None:
    kept = read_hash(password_hash)

    assert older_hashes.fits(kept, "Melograno7")
    assert not older_hashes.fits(kept, "Melograno8")


@pytest.mark.parametrize("password_hash", TAKEN.values(), ids=TAKEN)
def test_nobodys_hash_costs_the_same_and_fits_nothing(password_hash: str) -> None:
    dummy = older_hashes.nobodys(format_of(password_hash))

    assert format_of(dummy) == format_of(password_hash)
    assert dummy != password_hash
    assert not older_hashes.fits(dummy, "Melograno7")


def test_pbkdf2_in_the_phc_form_is_the_same_hash() -> None:
    scheme, rounds, salt, digest = TAKEN["pbkdf2"].strip("$").split("$")
    phc = f"${scheme}$i={rounds},l=32${salt.replace('.', '+')}${digest.replace('.', '+')}"

    assert read_hash(phc) == TAKEN["pbkdf2"]


@pytest.mark.parametrize(
    "text",
    [
        "", "Melograno7", "$2b$12$short", md5_crypt.hash("x"), sha512_crypt.hash("x"),
        f"$argon2id$v=19$m=64,t=1,p=1${SALT}", f"$argon2d$v=19$m=64,t=1,p=1${SALT}${DIGEST}",
        f"{TAKEN['argon2id']}\n", f"$argon2id$v=19$m=64,t=1,p=1${SALT}${'A' * 140}",
    ],
)  # fmt: skip
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="hash_unknown"):
        read_hash(text)


@pytest.mark.parametrize(
    ("dear", "just_right"),
    [
        (f"$argon2id$v=19$m=262145,t=1,p=1${SALT}${DIGEST}",
         f"$argon2id$v=19$m=262144,t=10,p=1${SALT}${DIGEST}"),
        (f"$argon2id$v=19$m=64,t=11,p=1${SALT}${DIGEST}",
         f"$argon2id$v=19$m=64,t=10,p=8${SALT}${DIGEST}"),
        (f"$argon2id$v=19$m=7,t=1,p=1${SALT}${DIGEST}",
         f"$argon2id$v=19$m=8,t=1,p=1${SALT}${DIGEST}"),
        (f"$2b$15${'a' * 53}", f"$2b$14${'a' * 53}"),
        (f"$pbkdf2-sha256$2000001${SALT}${DIGEST}", f"$pbkdf2-sha256$2000000${SALT}${DIGEST}"),
        (f"$scrypt$ln=18,r=8,p=1${SALT}${DIGEST}", f"$scrypt$ln=17,r=8,p=1${SALT}${DIGEST}"),
        (f"$scrypt$ln=4,r=8,p=17${SALT}${DIGEST}", f"$scrypt$ln=4,r=8,p=16${SALT}${DIGEST}"),
    ],
)  # fmt: skip
def test_what_costs_too_much_is_refused(dear: str, just_right: str) -> None:
    with pytest.raises(Invalid, match="hash_costly"):
        read_hash(dear)
    assert read_hash(just_right) == just_right


def test_bcrypt_reads_72_bytes_as_it_always_did() -> None:
    kept = read_hash(bcrypt.using(rounds=4).hash("x" * 72))

    assert older_hashes.fits(kept, "x" * 73)
    assert not older_hashes.fits(kept, "x" * 71)


@pytest.mark.parametrize("password_hash", TAKEN.values(), ids=TAKEN)
def test_a_nul_in_a_password_is_only_wrong(password_hash: str) -> None:
    assert not older_hashes.fits(password_hash, "Melo\0grano7")
