# Two images. `service` is the notification service and nothing of the labs: the API and the workers run from it.
FROM python:3.12.12-slim-trixie AS service

ENV PYTHONUNBUFFERED=1 PYTHONPATH=/app
WORKDIR /app

# The packages before the code, so that a change of the code does not install them again.
COPY constraints.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt fastapi uvicorn redis rq prometheus-client

# A new volume takes over the owner of the folder that it covers.
RUN mkdir /data && chown 10001:10001 /data

COPY labsupport/__init__.py labsupport/
COPY labsupport/notifications/*.py labsupport/notifications/

# A number, so that an orchestrator can see for itself that it is not root.
USER 10001:10001


# `lab` is JupyterLab with the labs, set up by the kit's own command.
FROM python:3.12.12-slim-trixie AS lab

RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /bin/bash lab
WORKDIR /lab

# The kit can't be written to in the container, so whatever Python would compile there is compiled here.
COPY Makefile README.md pyproject.toml requirements.txt constraints.txt ./
COPY labsupport labsupport
RUN make .venv/ready && .venv/bin/python -m compileall -q .venv/lib labsupport && rm -rf /root/.cache /root/.npm

RUN mkdir my-labs && chown 10001:10001 my-labs
COPY notebooks notebooks

USER 10001:10001
