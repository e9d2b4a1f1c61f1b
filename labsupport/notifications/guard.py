"""What stands before the endpoints. Foreign hosts and bodies that do not come are refused, and crowds wait."""

import asyncio

import anyio
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import settings

PATIENCE = 5
"""Seconds within which a request's body must be there."""


class KnownHosts(TrustedHostMiddleware):
    """Answers 400 to a `Host` that is neither this machine's own nor one of the settings.

    So a page on the internet, whose name was made to lead to 127.0.0.1, cannot ask through its reader's browser.
    """

    def __init__(self, app: ASGIApp):
        own = ["localhost", "127.0.0.1", "[::1]"]
        super().__init__(app, allowed_hosts=[*own, *settings.hosts()], www_redirect=False)


class WholeBody:
    """Lets a request in when its whole body is there, and answers 408 if that takes longer than PATIENCE.

    The server has no time limit of its own, so half a body would be held for as long as its sender likes.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        messages: list[Message] = []
        with anyio.move_on_after(PATIENCE) as limit:
            while not messages or messages[-1].get("more_body"):
                messages.append(await receive())
        if limit.cancelled_caught:
            late = JSONResponse({"detail": "The body did not come in time."}, 408, headers={"Connection": "close"})
            return await late(scope, receive, send)

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, again, send)


class FewAtOnce:
    """Lets in so many requests as there are threads; the others wait here.

    Else a crowd of `async` requests would keep the event loop busy, so that it heard Redis's answers too late, and took
    Redis for away.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self._places = asyncio.Semaphore(settings.threads())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        async with self._places:
            await self.app(scope, receive, send)
