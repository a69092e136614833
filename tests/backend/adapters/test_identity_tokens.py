"""Signatures of identity tokens: one algorithm, one secret, one audience."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from backend.adapters.identity_tokens import TokenSigner
from backend.core.errors import IdentityTokenRefused
from backend.core.identity_tokens import LONGEST_TOKEN

SECRET = "a secret of the house and its host, 2026"
CLAIMS = {
    "aud": "sportello", "sub": "giulia.bianchi@example.it", "market": "it",
    "iat": 1_795_165_200, "exp": 1_795_165_500, "jti": "j1",
}  # fmt: skip


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signer(secret: str = SECRET) -> TokenSigner:
    return TokenSigner(SecretStr(secret))


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, claims: Any = CLAIMS, key: bytes = SECRET.encode()) -> str:
    """A token that no library would sign."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), sha256))}"


def reason(token: str, reader: TokenSigner | None = None) -> str:
    with pytest.raises(IdentityTokenRefused) as refused:
        (reader or signer()).read(token)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert len(token) < 2 or token not in repr(refused.value)
    return refused.value.reason


def test_a_token_of_the_host_is_read_whatever_its_times() -> None:
    assert signer().read(jwt.encode(CLAIMS, SECRET, "HS256")) == CLAIMS
    assert signer().read(by_hand({"alg": "HS256", "typ": "JWT"})) == CLAIMS


def test_what_we_sign_we_read() -> None:
    own = {name: value for name, value in CLAIMS.items() if name != "aud"}

    assert signer().read(signer().sign(own)) == CLAIMS
    assert SECRET not in repr(signer())


def test_another_secret_is_refused() -> None:
    assert reason(jwt.encode(CLAIMS, SECRET + "x", "HS256")) == "token_signature"
    token = jwt.encode(CLAIMS, SECRET, "HS256")
    assert reason(token[:-2] + ("AA" if token[-2:] != "AA" else "BB")) == "token_signature"


def test_a_changed_claim_is_refused() -> None:
    head, _, tail = jwt.encode(CLAIMS, SECRET, "HS256").split(".")

    assert reason(f"{head}.{part(CLAIMS | {'sub': 'marco'})}.{tail}") == "token_signature"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, ["HS256"], {"alg": "HS256"}])
def test_no_algorithm_is_no_signature(alg: Any) -> None:
    assert reason(f"{part({'alg': alg})}.{part(CLAIMS)}.") == "token_algorithm"
    assert reason(by_hand({"alg": alg})) == "token_algorithm"
    assert reason(by_hand({"typ": "JWT"})) == "token_algorithm"


@pytest.mark.parametrize("alg", ["HS384", "HS512"])
def test_other_keyed_hashes_are_refused(alg: str) -> None:
    assert reason(jwt.encode(CLAIMS, SECRET * 2, alg), signer(SECRET * 2)) == "token_algorithm"


def test_a_signature_by_a_key_pair_is_refused(rsa_key: rsa.RSAPrivateKey) -> None:
    assert reason(jwt.encode(CLAIMS, rsa_key, "RS256")) == "token_algorithm"
    assert reason(jwt.encode(CLAIMS, rsa_key, "PS256")) == "token_algorithm"


def test_a_public_key_is_no_secret(rsa_key: rsa.RSAPrivateKey) -> None:
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert reason(by_hand({"alg": "HS256"}, key=public)) == "token_signature"
    assert reason(by_hand({"alg": "RS256"}, key=public)) == "token_algorithm"


@pytest.mark.parametrize("header", [{"jwk": {"kty": "oct", "k": part(b"x" * 32)}}, {"kid": "../x"}])
def test_a_key_that_the_token_names_is_not_used(header: dict[str, Any]) -> None:
    assert reason(by_hand({"alg": "HS256", **header}, key=b"x" * 32)) == "token_signature"


@pytest.mark.parametrize("audience", ["other", "", "Sportello", "sportello ", ["other"], 7, {}])
def test_another_audience_is_refused(audience: Any) -> None:
    refused = reason(by_hand({"alg": "HS256"}, CLAIMS | {"aud": audience}))

    assert refused == ("token_audience" if audience else "token_malformed")


@pytest.mark.parametrize("claim", ["aud", "sub", "market", "iat", "exp", "jti"])
def test_every_claim_is_needed(claim: str) -> None:
    rest = {name: value for name, value in CLAIMS.items() if name != claim}

    assert reason(by_hand({"alg": "HS256"}, rest)) == "token_malformed"


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "a.b.c", "no token", "é.è.à", "\x00", "\ud800",
        part({"alg": "HS256"}), f"{part({'alg': 'HS256'})}.{part(CLAIMS)}",
        f"{part([1])}.{part(CLAIMS)}.x", f"{part(b'[' * 900)}.{part(CLAIMS)}.x",
        by_hand({"alg": "HS256"}, [CLAIMS]), by_hand({"alg": "HS256"}, b"\xff"),
        by_hand({"alg": "HS256"}, b"[" * 900), by_hand({"alg": "HS256"}, "sportello"),
        by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}),
        by_hand({"alg": "HS256", "crit": ["exp"]}),
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused(token: str) -> None:
    assert reason(token) in {"token_malformed", "token_algorithm"}


def test_the_longest_token_is_read_and_a_longer_one_is_not() -> None:
    def padded(length: int) -> str:
        return by_hand({"alg": "HS256", "x": "y" * length})

    fitting = next(padded(n) for n in range(2600, 3000) if len(padded(n)) >= LONGEST_TOKEN - 1)
    longer = next(padded(n) for n in range(2600, 3000) if len(padded(n)) > LONGEST_TOKEN)

    assert len(fitting) <= LONGEST_TOKEN
    assert signer().read(fitting) == CLAIMS
    assert reason(longer) == "token_malformed"
