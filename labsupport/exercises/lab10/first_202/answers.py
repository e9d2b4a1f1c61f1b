"""Answers to first-202."""

from __main__ import httpx, service

# %% solution
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"})

# %% right: for one user
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped", "user": 1})

# %% right: with a client, and JSON written by hand
with httpx.Client(base_url=service.url) as client:
    json = {"Content-Type": "application/json"}
    answer = client.post("/notifications", content='{"message": "Shipped"}', headers=json)

# %% wrong: That is the answer to a GET of /users
answer = httpx.get(f"{service.url}/users")

# %% wrong: That is the answer to a POST of /events
answer = httpx.post(f"{service.url}/events", json={"name": "Shipped", "user": 1})

# %% wrong: That is the answer to a PUT of /users/1
answer = httpx.put(f"{service.url}/users/1", json={"name": "Shipped", "email": "ada@example.org"})

# %% wrong: That is the answer to a GET of /jobs/
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"})
answer = httpx.get(service.url + answer.headers["Location"])

# %% wrong: body.message: Field required
answer = httpx.post(f"{service.url}/notifications", json={"text": "Shipped"})

# %% wrong: says of body: Input should be a valid dictionary
answer = httpx.post(f"{service.url}/notifications", data={"message": "Shipped"})

# %% wrong: body: Field required
answer = httpx.post(f"{service.url}/notifications", params={"message": "Shipped"})

# %% wrong: delivered ['Hello']; it should be ['Shipped']
answer = httpx.post(f"{service.url}/notifications", json={"message": "Hello"})

# %% wrong: this is dict
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"}).json()
