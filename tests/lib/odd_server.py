"""A server of version 1 in a few lines, for telling a client things no real server would."""

import contextlib
import hashlib
import http.server
import json
import threading
import time

ZEROS = "00" * 32


def binary_id(created, sequence):
    return created.to_bytes(8, "big") + sequence.to_bytes(4, "big")


def link_of(created, sequence, kind=b"r"):
    binary = binary_id(created, sequence)
    return hashlib.blake2b(b"reunion-bucket-v1" + kind + binary).digest()[:32].hex()


def description(**changed):
    return {"name": "reunion-server", "version": "odd", "bucket_capacity": 64,
            "record_bytes": {"t1": 288, "t2": 96, "t3": 96},
            "open_window_s": 3600, "lifetime_s": 86400, "salt": ZEROS,
            "limits": {"wait_s_max": 60, "records_per_post_max": 64,
                       "records_per_sender_max": 4096, "feed_answer_bytes_max": 1 << 18,
                       "reference_buckets": 8, "reference_body_bytes_max": 1 << 22},
            **changed}


def this_hour():
    """When the window that is open now began."""
    return int(time.time()) // 3600 * 3600


def bucket(created=None, sequence=0, **changed):
    created = this_hour() if created is None else created
    return {"id": f"{created}-{sequence}", "link": link_of(created, sequence), "created": created,
            "seq": sequence, "count": 1, "open": True, "expires": created + 86400, **changed}


class OddServer:
    """Answers by `routes`: {"GET /v1/server": value or function of the request}. A dict is JSON; a
    tuple is (status, headers, body); bytes are sent raw instead of any HTTP. The longest route that
    the request line begins with counts; tests may change the routes at any time."""

    def __init__(self, routes):
        self.routes = routes
        self.asked = []
        self._changed = threading.Condition()
        self.stopping = threading.Event()

    def wait_for_request(self, part, patience_s=60):
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(part in line for line in self.asked), patience_s), (part, self.asked)

    def wait_for_more(self, than, patience_s=60):
        """Until more requests than so many have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) > than, patience_s), self.asked

    def note(self, line):
        with self._changed:
            self.asked.append(line)
            self._changed.notify_all()

    def answer_to(self, line, body):
        route = max((route for route in self.routes if line.startswith(route)), key=len,
                    default=None)
        answer = self.routes.get(route, (404, {}, b""))
        return answer(line, body) if callable(answer) else answer

    def __enter__(self):
        odd = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                line = f"{self.command} {self.path}"
                odd.note(line)
                answer = odd.answer_to(line, body)
                with contextlib.suppress(OSError):
                    self.send(answer)

            def send(self, answer):
                if isinstance(answer, bytes):
                    self.close_connection = True
                    self.wfile.write(answer)
                    return
                if isinstance(answer, dict):
                    answer = (200, {}, json.dumps(answer).encode())
                status, headers, body = answer
                if "Date" in headers:
                    self.send_response_only(status)
                else:
                    self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def silence(self, *_):
        """A route that says nothing until the test is over."""
        self.stopping.wait(600)
        return (200, {"Reunion-Cursor": "c"}, b"")


def posted(**changed):
    """A route for POST /v1/t1 that puts every T1 in one bucket."""
    def answer(_, body):
        t1_id = hashlib.blake2b(body).digest()[:32].hex()
        return (201, {}, json.dumps({**bucket(**changed), "t1_id": t1_id}).encode())
    return answer


def sound_routes(odd):
    """Routes of a server that is all right, and empty."""
    return {
        "GET /v1/server": description(),
        "POST /v1/t1": posted(),
        "GET /v1/buckets": {"buckets": [], "more": False},
        "GET /v1/buckets/": odd.silence,
    }
