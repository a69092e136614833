"""The house under chaos: its processes behind balancers, and a Twilio at the other end.

On SQLite there is one process of each. On PostgreSQL there are two; a balancer stands before `web`
and `actions`, while `web` itself knows which engine a conversation belongs to.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from backend import settings as settings_module
from backend.bootstrap import Backend, build
from backend.core.limits import Limits
from backend.settings import Settings
from tests.backend.desk import temporary_postgresql
from tests.chaos import Chance
from tests.chaos.balancer import balancing
from tests.chaos.twilio import ChaoticTwilio
from tests.fake_twilio import ACCOUNT, INDONESIA, ITALY, TOKEN, Webhooks
from tests.stack import becomes_ready, end_group, free_port, spawn
from tools import database
from tools.processes import ENGINE_PYTHON, ROOT

# Chaos makes people ask again; how often they may is tested elsewhere. A code lives shorter, so
# that who lost one need not wait long for the next.
LIMITS = Limits(
    otp_ttl=60, otp_resends=20, send_conversation_hour=50, send_destination_hour=50,
    send_destination_day=50, match_conversation=50, match_policy_day=50,
)  # fmt: skip
_TEMPLATES = {name: f"HX{number:032x}" for number, name in enumerate(("it", "id", "en"), 900)}
_OURS = "chaos"
"""What the database knows our own connections by; all others may be cut."""


@dataclass
class House:
    """`replicas` are named `web-1`, `actions-2`, …; each may be killed and started again."""

    folder: Path
    settings: Settings
    ports: Mapping[str, int]
    twilio: ChaoticTwilio
    backend: Backend
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where customers, browsers and Twilio come in."""
        return self.settings.public_base_url

    @property
    def is_postgresql(self) -> bool:
        return self.settings.database_url.startswith("postgresql")

    def spawn(self, replica: str) -> None:
        """Start one process; its output goes to `<replica>.log`."""
        name = replica.partition("-")[0]
        own = self.settings.model_copy(update={f"{name}_port": self.ports[replica]})
        log = self.folder / f"{replica}.log"
        self.processes[replica] = spawn(name, own, _more_environment(own), log)

    def end(self, replica: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End one process and all it started."""
        end_group(self.processes.pop(replica), how)

    def is_up(self, replica: str) -> bool:
        """Whether it takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.ports[replica]), timeout=1).close()
        except OSError:
            return False
        return True

    def revive(self) -> list[str]:
        """Start again what ended by itself; its names."""
        ended = [name for name, each in self.processes.items() if each.poll() is not None]
        for replica in ended:
            self.end(replica)
            self.spawn(replica)
        return ended

    def cut_connections(self, chance: Chance) -> int:
        """Have the server end about half of the house's connections; how many it ended."""
        address = self.settings.database_url.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as server:
            found = server.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name <> %s AND pid <> pg_backend_pid()",
                (_OURS,),
            ).fetchall()
            doomed = [pid for (pid,) in found if chance.random() < 0.5]
            for pid in doomed:
                server.execute("SELECT pg_terminate_backend(%s)", (pid,))
        return len(doomed)

    def wait_until_ready(self) -> None:
        """Wait for the health door, which is content with one engine, and for every replica.

        Raises:
            TimeoutError: the reasons are in the logs.
        """
        if not becomes_ready(self.base, lambda: all(map(self.is_up, self.processes))):
            raise TimeoutError(f"the house is not ready; logs in {self.folder}")


@contextmanager
def opened_house(folder: Path, chance: Chance, *, postgresql: bool) -> Iterator[House]:
    """Everything started and ready, with empty tables."""
    with ExitStack() as stack:
        os.environ["PGAPPNAME"] = _OURS
        url = stack.enter_context(temporary_postgresql()) if postgresql else ""
        ports = {name: free_port() for name in _replicas(2 if postgresql else 1)}
        balanced = {
            kind: stack.enter_context(
                balancing([port for name, port in ports.items() if name.startswith(kind)], chance)
            )
            for kind in ("web", "actions")
        }
        base = f"http://127.0.0.1:{balanced['web']}"
        twilio = ChaoticTwilio(Webhooks(base), chance)
        twilio.approved = dict.fromkeys(_TEMPLATES.values(), "…")
        stack.enter_context(twilio.serving())
        settings = settings_module.load(
            var_dir=folder,
            database_url=url,
            engine_urls=tuple(
                f"http://127.0.0.1:{port}"
                for name, port in ports.items()
                if name.startswith("engine")
            ),
            actions_url=f"http://127.0.0.1:{balanced['actions']}",
            public_base_url=base,
            **_twilio_settings(twilio),
        )
        database.prepare(settings)
        backend = build(settings)
        stack.callback(backend.close)
        yield stack.enter_context(_started(House(folder, settings, ports, twilio, backend)))


@contextmanager
def _started(house: House) -> Iterator[House]:
    subprocess.run([str(ENGINE_PYTHON), "-m", "engine.train"], cwd=ROOT, check=True)
    try:
        for name in house.ports:
            house.spawn(name)
        house.wait_until_ready()
        yield house
    finally:
        for replica in list(house.processes):
            house.end(replica, signal.SIGTERM)


def _replicas(each: int) -> list[str]:
    kinds = ("engine", "actions", "web")
    return [f"{name}-{number + 1}" for number in range(each) for name in kinds]


def _twilio_settings(twilio: ChaoticTwilio) -> dict[str, object]:
    return {
        "sender_whatsapp": "twilio",
        "sender_sms": "twilio",
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_from": "+390698765432",
        "twilio_api_base_url": twilio.url,
        "whatsapp_numbers": {"it": ITALY, "id": INDONESIA},
        "whatsapp_templates": _TEMPLATES,
        "trusted_proxy_hops": 1,
        "limits": LIMITS,
    }


def _more_environment(settings: Settings) -> dict[str, str]:
    """What `environment` leaves to its caller."""
    told = {
        "ENGINE_URLS": ",".join(settings.engine_urls),
        "PUBLIC_BASE_URL": settings.public_base_url,
        "SENDER_WHATSAPP": settings.sender_whatsapp,
        "SENDER_SMS": settings.sender_sms,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "TWILIO_FROM": settings.twilio_from,
        "TWILIO_API_BASE_URL": settings.twilio_api_base_url,
        "WHATSAPP_NUMBERS": _pairs(settings.whatsapp_numbers),
        "WHATSAPP_TEMPLATES": _pairs(settings.whatsapp_templates),
        "TRUSTED_PROXY_HOPS": str(settings.trusted_proxy_hops),
    }
    changed = {
        f"LIMITS__{name.upper()}": str(getattr(LIMITS, name))
        for name in Limits.__dataclass_fields__
        if getattr(LIMITS, name) != getattr(Limits(), name)
    }
    more = {f"{settings_module.PREFIX}{name}": said for name, said in (told | changed).items()}
    return more | {"PGAPPNAME": "sportello"}


def _pairs(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items())
