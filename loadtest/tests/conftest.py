"""A real HTTP server whose answers a test decides on, and photos to send to it."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from lossrate.photos import Photo


@dataclass
class Request:
    """What came."""

    path: str
    key: str | None
    body: bytes
    client_port: int

    @property
    def photo(self) -> str:
        [name] = parse_qs(urlsplit(self.path).query)["fileName"]
        return name


@dataclass
class Server:
    """Answers 201 with a job, unless a test says otherwise."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    before_answer: Callable[[Request], int] = lambda _: 201
    """Called for each request; returns its status, and may take its time."""

    def of(self, photo: str) -> list[Request]:
        return [request for request in self.requests if request.photo == photo]


class JsonHandler(BaseHTTPRequestHandler):
    """Answers with JSON, and says nothing on the terminal."""

    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    # Of the clients of a test, which connect all at once.
    request_queue_size = 128


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(JsonHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = Request(self.path, self.headers["idempotency-key"], body, self.client_address[1])
            state.requests.append(request)
            status = state.before_answer(request)
            self.answer(status, {"id": f"job of {request.photo}"})

    http = _HttpServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_port}/"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()


def draw(width: int, height: int, quality: int = 95) -> bytes:
    """A JPEG with something in it."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.fixture
def photos() -> list[Photo]:
    return [Photo(f"{number}.jpg", draw(640 + number, 480), truth=number) for number in range(12)]
