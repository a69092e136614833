"""`python -m engine.serve`: Rasa with the gateway channel, on the loopback.

Rasa's HTTP API is off. Besides the channel there is only what the house needs:
`POST /model/parse` (what does this text mean) and Rasa's greeting at `/`.
"""

import argparse
import gc
import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, List

from engine import environment, model_files

logger = logging.getLogger("engine.serve")

_MAX_BODY = 64 * 1024


def main() -> int:
    """The command. Returns the process's exit code."""
    arguments = _arguments()
    environment.prepare(**_defaults_for_endpoints())
    model = arguments.model or model_files.fitting_model(environment.ROOT)
    if not model.exists():
        print(f"No model {model.name}: run `python -m engine.train` first.", file=sys.stderr)
        return 1

    from engine import logs, without_tensorflow

    logs.configure(os.environ.get("SPORTELLO_LOG_LEVEL", "INFO"))
    without_tensorflow.install()

    from engine import action_calls, speedups

    speedups.install()
    action_calls.install()
    app = _app(str(model))
    app.run(
        host=arguments.host,
        port=arguments.port,
        workers=1,
        access_log=False,
        debug=False,
        motd=False,
    )
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="engine.serve", description=__doc__)
    parser.add_argument("--host", default=os.environ.get("SPORTELLO_ENGINE_HOST", "127.0.0.1"))
    parser.add_argument(
        "--model", type=Path, help="a model other than the one that fits the content"
    )
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("SPORTELLO_ENGINE_PORT", "5005"))
    )
    return parser.parse_args()


def _defaults_for_endpoints() -> "dict[str, str]":
    """What endpoints.yml and credentials.yml refer to, as development has it."""
    port = os.environ.get("SPORTELLO_ACTIONS_PORT", "5055")
    defaults = {"SPORTELLO_ACTIONS_URL": f"http://127.0.0.1:{port}"}
    if os.environ.get("SPORTELLO_PROFILE", "development") == "development":
        defaults["SPORTELLO_GATEWAY_SECRET"] = "development-only-gateway-secret-of-no-worth"
    from engine.database_url import tracker_database_url

    return {**defaults, "SPORTELLO_TRACKER_URL": tracker_database_url()}


def _app(model: str) -> Any:
    from rasa.core.run import configure_app, create_http_input_channels, load_agent_on_start
    from rasa.core.utils import read_endpoints_from_path

    endpoints = read_endpoints_from_path("endpoints.yml")
    channels = create_http_input_channels(None, "credentials.yml")
    app = configure_app(channels, enable_api=False, endpoints=endpoints)
    app.config.REQUEST_MAX_SIZE = _MAX_BODY
    _add_parse_route(app)
    app.register_listener(
        partial(load_agent_on_start, model, endpoints, None), "before_server_start"
    )
    app.register_listener(_require_working_agent, "before_server_start")
    app.register_listener(_keep_what_is_loaded, "before_server_start")
    app.register_listener(partial(_drain, channels), "before_server_stop")
    return app


def _add_parse_route(app: Any) -> None:
    from sanic.response import json

    from engine.request import MalformedRequest, message_text

    @app.post("/model/parse")
    async def parse(request: Any) -> Any:
        try:
            text = message_text(request.json)
        except MalformedRequest as error:
            return json({"error": "malformed", "field": error.field}, 400)
        return json(await app.ctx.agent.parse_message(text))


async def _require_working_agent(app: Any, _loop: Any) -> None:
    """Rasa starts without a model and with a store in memory rather than not at all: we do not."""
    from engine.tracker_store import masked_store_of

    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise RuntimeError("the model could not be loaded; the reason is above")
    masked_store_of(agent)
    await agent.parse_message("buongiorno")  # the first parse warms caches
    logger.info("engine ready with %s", agent.model_name)


async def _keep_what_is_loaded(_app: Any, _loop: Any) -> None:
    """Libraries, model and caches stay: looking through them for garbage stops a turn for 0.1 s."""
    gc.collect()
    gc.freeze()


async def _drain(channels: List[Any], _app: Any, _loop: Any) -> None:
    for channel in channels:
        await channel.drain()


if __name__ == "__main__":
    sys.exit(main())
