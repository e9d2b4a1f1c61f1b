"""Answers to first-202."""

from __main__ import httpx, service

# %% solution
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"})

# %% wrong: That is the answer to a GET
answer = httpx.get(f"{service.url}/users")

# %% wrong: body.message: Field required
answer = httpx.post(f"{service.url}/notifications", json={"text": "Shipped"})

# %% wrong: says of body:
answer = httpx.post(f"{service.url}/notifications", data={"message": "Shipped"})

# %% wrong: its message is 'Hello'
answer = httpx.post(f"{service.url}/notifications", json={"message": "Hello"})

# %% wrong: this is dict
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"}).json()
