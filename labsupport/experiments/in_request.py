"""GET /users as a service without a queue has it: the notification is sent first, and then comes the answer.

For comparison with the notification service, whose settings it has: `lab.serve("labsupport.experiments.in_request:api")`.
"""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from redis import Redis

from labsupport.notifications.api import ERRORS, Data, User, connection, lifespan
from labsupport.notifications.app import GREETING
from labsupport.notifications.provider import Provider, ProviderError

api = FastAPI(title="The same, in the request", lifespan=lifespan)


@api.get("/users")
def list_users(redis: Annotated[Redis, Depends(connection)], data: Data) -> list[User]:
    """All users. On the way, a notification is sent."""
    users = data.users()
    Provider(redis).send(GREETING)
    return users


@api.exception_handler(ProviderError)
async def provider_failed(request: Request, error: ProviderError) -> JSONResponse:
    return JSONResponse({"detail": ERRORS[type(error).__name__]}, 503, headers={"Retry-After": "1"})
