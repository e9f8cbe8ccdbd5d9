"""A server on this machine that serves a file well or badly, and folders of one's own."""

import hashlib
import http.server
import re
import threading

import pytest

from maeum.datasets.files import DataFile


class Serving:
    """Serves ``content``; ``how`` says what goes wrong, ``requests`` what was asked for."""

    def __init__(self, content):
        self.content = content
        self.how = "well"
        self.break_after = len(content) // 2
        self.requests = []


def handler_of(serving):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            serving.requests.append((self.path, asked))
            content = serving.content
            if serving.how == "missing" or "missing" in self.path:
                self.send_error(404)
                return
            if serving.how == "portal":  # a page to log in, whatever was asked for
                content, asked = b"<html>Welcome to the hotel</html>", None
            start = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked else 0
            if serving.how in ("no ranges", "breaks without ranges"):
                start = 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            shift = 7 if serving.how == "wrong range" else 0
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start + shift}-{len(content) - 1}/{len(content)}"
                )
            rest = content[start:]
            if serving.how != "no length":
                self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            breaks = serving.how.startswith("breaks")
            if serving.how == "sends nothing":
                rest = b""
            self.wfile.write(rest[: serving.break_after] if breaks else rest)

        def log_message(self, *args):
            pass

    return Handler


@pytest.fixture
def content():
    return bytes(range(256)) * 4000


@pytest.fixture
def serving(content):
    state = Serving(content)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(state))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of one's own, and neither MAEUM_DATA nor a folder of Keras's."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "no keras"))
    monkeypatch.setenv("MAEUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MAEUM_DATA", raising=False)
    return tmp_path / "cache" / "datasets"


@pytest.fixture
def offline(monkeypatch):
    """No network: every connection fails at once."""
    import urllib.error
    import urllib.request

    def refuse(*args, **kwargs):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def file(cache, serving, content):
    """The file that the server serves."""
    digest = hashlib.sha256(content).hexdigest()
    return DataFile("big.bin", f"sha256:{digest}", (f"{serving.address}/big.bin",), ("set",))
