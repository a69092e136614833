"""Frames of the widget's socket, checked as they come in (docs/widget-protocol.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter


def _storable(value: Any) -> Any:
    """Half a surrogate pair is valid JSON but no text: no database takes it."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


WrittenText = Annotated[str, BeforeValidator(_storable)]
"""Text from outside that can be stored."""

type Frame = dict[str, Any]
"""A frame to the client."""

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Language = Literal["it", "id", "en"]
Market = Literal["it", "id"]


_CURSOR = r"^[0-9]{1,9}\.[01]\.[0-9a-f]{16}\.([0-9]{1,9}(-[0-9]{1,9}){0,19})?$"


class Hello(BaseModel):
    """Opens a session on this socket."""

    type: Literal["hello"]
    token: WrittenText = Field(max_length=128, repr=False)
    after: int = Field(0, ge=0)
    cursor: str | None = Field(None, max_length=256, pattern=_CURSOR)
    """Where the client's last poll ended; a socket has none."""


class TextFrame(BaseModel):
    """The customer wrote something."""

    type: Literal["text"]
    client_id: ClientId
    text: WrittenText = Field(repr=False)


class ButtonFrame(BaseModel):
    """The customer pressed a button."""

    type: Literal["button"]
    client_id: ClientId
    id: WrittenText = Field(max_length=64)


class LanguageFrame(BaseModel):
    """The customer chose another language."""

    type: Literal["language"]
    language: Language
    client_id: ClientId | None = None


class IdentityFrame(BaseModel):
    """The page around the widget says who is logged in there; None: nobody any more."""

    type: Literal["identity"]
    token: WrittenText | None = Field(repr=False)


class PingFrame(BaseModel):
    """The client wants to know whether anybody is there."""

    type: Literal["ping"]


type ClientFrame = Annotated[
    TextFrame | ButtonFrame | LanguageFrame | IdentityFrame | PingFrame,
    Field(discriminator="type"),
]

hello_frame: TypeAdapter[Hello] = TypeAdapter(Hello)
client_frame: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)
