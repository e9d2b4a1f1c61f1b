"""GET /users as a service without a queue has it: the notification is sent first, and then comes the answer.

For comparison with the notification service, whose settings it has: `lab.serve("labsupport.experiments.in_request:api")`.
"""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from labsupport.notifications.api import ERRORS, Data, Service, lifespan
from labsupport.notifications.app import GREETING
from labsupport.notifications.provider import Provider, ProviderError

api = FastAPI(title="The same, in the request", lifespan=lifespan)


# Without a response model: FastAPI checks the answer of an ordinary function on one of the few threads, so that a request
# whose work is done would wait once more behind those that came after it.
@api.get("/users", response_model=None)
def list_users(service: Service, data: Data) -> list[dict]:
    """All users. On the way, a notification is sent."""
    Provider(service.queue.connection).send(GREETING)
    return data.users()


@api.exception_handler(ProviderError)
async def provider_failed(request: Request, error: ProviderError) -> JSONResponse:
    return JSONResponse({"detail": ERRORS[type(error).__name__]}, 503, headers={"Retry-After": "1"})
