"""rq-dashboard behind a login, for queues whose jobs are JSON: `python -m labsupport.processes.board PORT`.

By itself rq-dashboard (read from 0.9.0) shows everything to whoever reaches it, and a GET from any web page requeues jobs.
Here it asks for a user name and a password, and refuses what another site's page asks of it. It cannot delete.

LAB_ADDRESS  where a browser finds JupyterLab, if it reaches that alone; this is then behind it
RQ_DASHBOARD_REDIS_URL, RQ_DASHBOARD_USERNAME, RQ_DASHBOARD_PASSWORD  from the environment, which others can't read
"""

import hmac
import logging
import os
import sys
from urllib.parse import urlsplit

from flask import Flask, Response, request
from rq.serializers import JSONSerializer
from rq_dashboard import blueprint, default_settings
from rq_dashboard.web import config, setup_rq_connection
from werkzeug.middleware.proxy_fix import ProxyFix

PAGES = {f"{blueprint.name}.{page}" for page in ("queues_overview", "workers_overview", "jobs_overview", "job_view")}
"""Pages without data, which they ask for later. A link elsewhere, such as the notebook's, may lead to them."""


def application(url: str, user: str, password: str, port: int, lab: str | None = None) -> Flask:
    """The dashboard for the Redis at `url`, as it is served at `port` of loopback.

    lab: where a browser finds the JupyterLab that it is behind.
    """
    app = Flask(blueprint.import_name.partition(".")[0])  # its package, where style sheets and scripts are
    app.config.from_object(default_settings)
    app.config |= {"RQ_DASHBOARD_REDIS_URL": url, "RQ_DASHBOARD_DISABLE_DELETE": True}
    app.register_blueprint(blueprint)
    config.serializer = JSONSerializer
    setup_rq_connection(app)
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
    if lab is not None:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=0, x_prefix=1)
    # A proxy before this may have taken off the name under which the browser asks.
    names = {front} if lab and (front := urlsplit(lab).netloc) else set()

    def refuse() -> Response | None:
        # JupyterLab, which knows its own names, has let in what comes through it.
        if lab is None and request.host not in hosts:
            return Response("Another host's name leads here.\n", 403)
        if _foreign(names) and not (request.method == "GET" and request.endpoint in PAGES):
            return Response("Another site's page asked for this.\n", 403)
        given = request.authorization
        if not (
            given and _equal(given.username or "", user) and _equal(given.password or "", password)
        ):  # both are None for another scheme
            return Response("Log in, please.\n", 401, {"WWW-Authenticate": 'Basic realm="RQ Dashboard"'})
        if request.method == "GET" and request.endpoint == f"{blueprint.name}.requeue_all":
            return Response("What changes something is a POST.\n", 405)
        return None

    def frame(response: Response) -> Response:
        # JupyterLab, on some port of this machine, may show it inside a page; a site elsewhere may not.
        response.headers["Content-Security-Policy"] = "frame-ancestors http://127.0.0.1:* http://localhost:*"
        return response

    app.before_request(refuse)
    app.after_request(frame)
    return app


def _foreign(names: set[str]) -> bool:
    """Whether the browser says that another site's page asks. `names` are this site's, besides the one that is asked."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    sources = (request.headers.get("Origin"), request.headers.get("Referer"))
    return any(source and urlsplit(source).netloc not in {request.host, *names} for source in sources)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = int(sys.argv[1])
    redis_url, user, password = (os.environ[f"RQ_DASHBOARD_{name}"] for name in ("REDIS_URL", "USERNAME", "PASSWORD"))
    application(redis_url, user, password, port, os.environ.get("LAB_ADDRESS") or None).run(host="127.0.0.1", port=port)
