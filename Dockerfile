# The notification service and nothing of the labs: the API and the workers run from this one image.
FROM python:3.12.12-slim-trixie

ENV PYTHONUNBUFFERED=1 PYTHONPATH=/app
WORKDIR /app

# The packages before the code, so that a change of the code does not install them again.
COPY constraints.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt fastapi uvicorn redis rq prometheus-client

# A new volume takes over the owner of the folder that it covers.
RUN mkdir /data && chown 10001:10001 /data

COPY labsupport/__init__.py labsupport/
COPY labsupport/notifications labsupport/notifications

# A number, so that an orchestrator can see for itself that it is not root.
USER 10001:10001
