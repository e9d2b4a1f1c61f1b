"""Answers to ask-again."""

from __main__ import httpx, sleep


# %% solution
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify

# %% right: async, with a client
import asyncio


async def notify(url, message):
    async with httpx.AsyncClient(base_url=url) as client:
        for attempt in (1, 2, 3):
            response = await client.post("/notifications", json={"message": message})
            if response.status_code == 202:
                return response.headers["Location"]
            if response.status_code not in {503, 429} or attempt == 3:
                return None
            await asyncio.sleep(float(response.headers["Retry-After"]))


answer = notify


# %% right: an error where there is no Location
def notify(url, message, tries=3):
    response = httpx.post(url + "/notifications", json={"message": message})
    if response.status_code in (503, 429) and tries > 1:
        sleep(int(response.headers["Retry-After"]) + 0.2)
        return notify(url, message, tries - 1)
    response.raise_for_status()
    return response.headers["Location"]


answer = notify

# %% right: with urllib
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def notify(url, message):
    body = json.dumps({"message": message}).encode()
    for _ in range(3):
        try:
            with urlopen(Request(f"{url}/notifications", body, {"Content-Type": "application/json"})) as taken:
                return taken.headers["Location"]
        except HTTPError as refused:
            if refused.code not in (429, 503):
                return None
            sleep(int(refused.headers["Retry-After"]))


answer = notify


# %% wrong: is away: 503, Retry-After 2. It was asked once: it raised KeyError
def notify(url, message):
    answer = httpx.post(f"{url}/notifications", json={"message": message})
    return answer.headers["Location"]


answer = notify


# %% wrong: A crowd of such clients
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")


answer = notify


# %% wrong: The next request came after
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(1)


answer = notify


# %% wrong: is full: 429, Retry-After 3. It was asked once
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code != 503:
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: there is no end
def notify(url, message):
    while True:
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: it was asked 4 times
def notify(url, message):
    for _ in range(4):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: it was asked 2 times
def notify(url, message):
    for _ in range(2):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: 422 says that the request is wrong
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code == 202:
            return answer.headers["Location"]
        sleep(int(answer.headers.get("Retry-After", 1)))


answer = notify


# %% wrong: has it twice
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        sleep(int(answer.headers.get("Retry-After", 0)))
    return answer.headers["Location"]


answer = notify


# %% wrong: The service had taken the job at /jobs/0-2; it returned None
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: it returned 202
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.status_code
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: the service wants {'message': …}
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", data={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(int(answer.headers["Retry-After"]))


answer = notify


# %% wrong: It sent no POST to the url
def notify(url, message):
    return httpx.get(f"{url}/notifications", params={"message": message}).headers.get("Location")


answer = notify


# %% wrong: it raised TypeError
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location")
        sleep(answer.headers["Retry-After"])


answer = notify


# %% wrong: as if it had been taken
def notify(url, message):
    for _ in range(3):
        answer = httpx.post(f"{url}/notifications", json={"message": message})
        if answer.status_code not in (429, 503):
            return answer.headers.get("Location", "/jobs")
        sleep(int(answer.headers["Retry-After"]))


answer = notify

# %% wrong: this is None
answer = None
