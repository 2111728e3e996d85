"""moto_server with a clock that a test can hold still.

`frozen-moto.py` listens on a free port of 127.0.0.1 and says which, as {"port": N}, on standard output. Time is real
until it is set: POST /frozen-clock with milliseconds since 1970 stops it there. One request is answered at a time,
because moto's queues are not safe to be used by two threads.
"""

import datetime
import json
import sys
from typing import Any, Callable, Iterable

from moto.core import utils

CLOCK_PATH = "/frozen-clock"
EPOCH = datetime.datetime(1970, 1, 1)

real_utcnow = utils.utcnow
real_unix_time_millis = utils.unix_time_millis


class Clock:
    """Where time stands; None while it is real."""

    millis: int | None = None


def utcnow() -> datetime.datetime:
    if Clock.millis is None:
        return real_utcnow()
    return EPOCH + datetime.timedelta(milliseconds=Clock.millis)


def unix_time_millis(dt: datetime.datetime | None = None) -> float:
    # Not by way of seconds, as moto does it: that loses a millisecond now and then.
    if dt is None and Clock.millis is not None:
        return float(Clock.millis)
    return real_unix_time_millis(dt)


def patch_time() -> None:
    """Before the services are imported: they take these functions by name. Some may have done so already."""
    utils.utcnow = utcnow
    utils.unix_time_millis = unix_time_millis
    for module in list(sys.modules.values()):
        if getattr(module, "utcnow", None) is real_utcnow:
            module.utcnow = utcnow  # type: ignore[attr-defined]
        if getattr(module, "unix_time_millis", None) is real_unix_time_millis:
            module.unix_time_millis = unix_time_millis  # type: ignore[attr-defined]


patch_time()

# pylint: disable=wrong-import-position
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.sqs.models import Message  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

# moto shows a message only after the moment at which it becomes visible; with a clock that stands still that never is.
Message.visible = property(lambda message: unix_time_millis() >= message.visible_at)


class SilentRequestHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def with_clock(application: Callable[..., Iterable[bytes]]) -> Callable[..., Any]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != CLOCK_PATH:
            return application(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        Clock.millis = int(environ["wsgi.input"].read(length))
        start_response("204 No Content", [])
        return []

    return answer


def main() -> None:
    application = DomainDispatcherApplication(create_backend_app)
    application.debug = True
    server = make_server(
        "127.0.0.1",
        0,
        with_clock(application),
        threaded=False,
        request_handler=SilentRequestHandler,
    )
    print(json.dumps({"port": server.port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
