"""An HTTP proxy before a server that does what proxies do: gives up on what waits, changes headers,
answers in the server's place."""

import http.client
import http.server
import socket
import struct
import threading


class Gateway:
    """Passes requests on to `server`, and whole answers back. What a test may change at any time:

    limit_s   how long the server may be silent; None: for ever
    cut       what follows then: a status, "close" or "reset"
    taken     names of headers, in lower case, that are taken away on both ways
    change    a function of a request's line, the status, headers and body of its answer, that gives
              those of the answer instead
    instead   a function of a request's line that gives a status, "close" or "reset" instead of
              asking the server, or None

    `asked` has the lines of all requests."""

    def __init__(self, server, limit_s=None, cut=504):
        self.server, self.limit_s, self.cut = server, limit_s, cut
        self.taken = set()
        self.change = lambda line, status, headers, body: (status, headers, body)
        self.instead = lambda line: None
        self.asked = []
        self._changed = threading.Condition()

    def wait_for_request(self, part, count=1, patience_s=60):
        """Until so many requests with `part` in their lines have come."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(part in line for line in self.asked) >= count, patience_s), self.asked

    def feeds(self):
        """How many seconds each feed was asked to wait."""
        with self._changed:
            return [int(line.partition("wait=")[2]) for line in self.asked if "/feed" in line]

    def __enter__(self):
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                line = f"{self.command} {self.path}"
                with gateway._changed:
                    gateway.asked.append(line)
                    gateway._changed.notify_all()
                instead = gateway.instead(line)
                try:
                    if instead:
                        self.end(instead)
                    else:
                        self.pass_on(line, body)
                except OSError:
                    self.close_connection = True

            def pass_on(self, line, body):
                connection = http.client.HTTPConnection(gateway.server.host, gateway.server.port,
                                                        timeout=gateway.limit_s)
                try:
                    connection.request(self.command, self.path, body, {
                        name: value for name, value in self.headers.items()
                        if name.lower() not in gateway.taken | {"host", "connection"}})
                    answer = connection.getresponse()
                    headers = {name: value for name, value in answer.headers.items()
                               if name.lower() not in gateway.taken | {"content-length"}}
                    self.answer(*gateway.change(line, answer.status, headers, answer.read()))
                except TimeoutError:
                    self.end(gateway.cut)
                except (ConnectionError, http.client.HTTPException):
                    self.end(502)
                finally:
                    connection.close()

            def answer(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def end(self, how):
                self.close_connection = True
                if how == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                               struct.pack("ii", 1, 0))
                elif how != "close":
                    page = b"<html>a gateway's page</html>"
                    self.answer(how, {"Content-Type": "text/html"}, page)

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            def shutdown_request(self, request):  # without a shutdown before, which is no reset
                self.close_request(request)

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._listener.server_port}"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown()
        self._listener.server_close()
