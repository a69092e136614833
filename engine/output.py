"""Collects what the bot says in one turn, as whole messages."""

from typing import Any, Dict, List, Optional

from rasa.core.channels.channel import OutputChannel

NAME = "gateway"


class TurnOutput(OutputChannel):
    """One message of the bot is one entry of `messages`; nothing is ever sent, so nothing can fail."""

    def __init__(self) -> None:
        self.messages: List[Dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The name that channel-specific responses would use."""
        return NAME

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keep text, buttons and page of the message together."""
        text = str(message.get("text") or "").strip()
        buttons = [_button(button) for button in message.get("buttons") or [] if _is_button(button)]
        page = _page(message.get("custom"))
        if text or buttons or page:
            self.messages.append({"text": text, "buttons": buttons, "page": page})


def _is_button(button: Any) -> bool:
    return isinstance(button, dict) and bool(button.get("title")) and bool(button.get("payload"))


def _button(button: Dict[str, Any]) -> Dict[str, str]:
    return {"title": str(button["title"]), "payload": str(button["payload"])}


def _page(custom: Any) -> Optional[Dict[str, Any]]:
    page = custom.get("page") if isinstance(custom, dict) else None
    return (
        {key: page.get(key) for key in ("id", "kind", "minutes")}
        if isinstance(page, dict)
        else None
    )
