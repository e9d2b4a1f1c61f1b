"""A JupyterLab that runs elsewhere, asked as a browser asks it."""

import json
import uuid

import httpx
import websocket


def browser(link: str, **options) -> httpx.Client:
    """What has opened a link with a token in it, and so is logged in."""
    client = httpx.Client(base_url=link.partition("/lab")[0], timeout=60, follow_redirects=True, **options)
    assert client.get(link).status_code == 200
    return client


class Kernel:
    """One that JupyterLab starts for a notebook. `failed` says whether the last cell ended with an error."""

    def __init__(self, link: str, notebook: str, patience: float = 60):
        """patience: seconds to wait for each of its answers."""
        base, token = link.partition("/lab")[0], link.rpartition("=")[2]
        headers = {"Authorization": f"token {token}"}
        wish = {"name": "python3", "path": notebook}
        started = (
            httpx.post(f"{base}/api/kernels", json=wish, headers=headers, timeout=patience).raise_for_status().json()
        )
        channels = f"{base}/api/kernels/{started['id']}/channels".replace("http:", "ws:", 1)
        self._socket = websocket.create_connection(channels, header=headers, timeout=patience)
        self.failed = False

    def run(self, code: str) -> str:
        """Run a cell. Returns what it prints, or the traceback of its error."""
        header = {"msg_id": uuid.uuid4().hex, "session": "test", "username": "", "msg_type": "execute_request"}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        request = {"header": {**header, "version": "5.3"}, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps({**request, "channel": "shell"}))
        shown, self.failed = [], False
        while True:
            answer = json.loads(self._socket.recv())
            if answer["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, content = answer["msg_type"], answer["content"]
            shown += [content["text"]] if kind == "stream" else content["traceback"] if kind == "error" else []
            self.failed |= kind == "error"
            if kind == "status" and content["execution_state"] == "idle":
                return "".join(shown)
