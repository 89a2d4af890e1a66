"""A print server on the loopback interface that can fail in many ways: real sockets, real bytes, no process.

Its state (`jobs`, `printers`, `printed`) is what it answers the contract's calls with, unless `fault` says how to answer
wrongly. `requests` lists what really arrived.
"""

import datetime
import ipaddress
import json
import socket
import ssl
import struct
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = "loopback-key"
ALL = ("batch_status", "failed_labels", "idempotency", "printer_reasons")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Half of the tests disconnect on purpose."""


class LoopbackPrintServer:
    """See the module. `start()` and `stop()` may alternate; the port stays the same."""

    def __init__(self, capabilities=ALL, tls=False):
        self.capabilities = list(capabilities)
        self.jobs = {}  # server job id -> status object
        self.printers = [{"name": "zebra-line-1", "status": "online", "jobs_in_queue": 0}]
        self.printed = []  # (idempotency key, payload) of each accepted job
        self.barred = set()  # keys that were cancelled before their submission arrived
        self.requests = []  # (method, path, headers) of each request
        self.fault = None  # a method's name below, or a callable(handler, path) -> whether it answered
        self.faulty_paths = ("/api/",)
        self.headers = {}  # added to each answer
        self.latency = 0.0
        self.asked = []  # server job ids in the order in which they were asked about
        self.released = threading.Event()
        self.tls = _self_signed_certificate() if tls else None
        self._listener = None
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self):
        outer = self

        class Handler(_Handler):
            server_double = outer

        self._listener = _Listener(("127.0.0.1", self.port), Handler)
        if self.tls:
            self._listener.socket = self.tls.wrap_socket(self._listener.socket, server_side=True)
        self.port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.released.set()
        if self._listener:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None
        self.released = threading.Event()

    def add_job(self, job_id, status="queued", **data):
        self.jobs[job_id] = {"job_id": job_id, "status": status, **data}
        return job_id

    def calls(self, start=""):
        """How many requests came to paths that start like this."""
        return sum(path.startswith(start) for _method, path, _headers in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_double: LoopbackPrintServer

    def log_message(self, *_args):
        """Quiet."""

    def _serve(self):
        outer = self.server_double
        length = int(self.headers.get("Content-Length") or 0)
        self.content = json.loads(self.rfile.read(length)) if length else None
        outer.requests.append((self.command, self.path, dict(self.headers)))
        if outer.latency:
            time.sleep(outer.latency)
        fault = outer.fault
        if fault and self.path.startswith(tuple(outer.faulty_paths)):
            answered = fault(self) if callable(fault) else getattr(self, f"fault_{fault}")()
            if answered is not False:
                return
        self._answer()

    do_GET = do_POST = do_DELETE = _serve

    def _answer(self):
        outer = self.server_double
        if self.path == "/api/health":
            self.send_json({"status": "ok", "version": "9", "capabilities": outer.capabilities})
        elif self.path == "/api/printers":
            self.send_json({"printers": outer.printers})
        elif self.path == "/api/status":
            ids = self.content["job_ids"]
            outer.asked += ids
            self.send_json(
                {
                    "jobs": [outer.jobs[id_] for id_ in ids if id_ in outer.jobs],
                    "unknown": [id_ for id_ in ids if id_ not in outer.jobs],
                }
            )
        elif self.path.startswith("/api/status/"):
            job_id = self.path.rpartition("/")[2]
            outer.asked.append(job_id)
            job = outer.jobs.get(job_id)
            self.send_json(job or {"error": "no such job"}, 200 if job else 404)
        elif self.path.startswith("/api/print/"):
            self.send_json(*self.find(self.path.rpartition("/")[2]))
        elif self.path == "/api/print":
            self.send_json(*self.accept())
        elif self.path.startswith("/api/jobs/"):
            job = outer.jobs.get(self.path.rpartition("/")[2])
            if job:
                job["status"] = "cancelled"
            self.send_json({"success": bool(job)}, 200 if job else 404)
        else:
            self.send_json({"error": "no such page"}, 404)

    def accept(self):
        """Take a job in, or find it again by its key where the server can do that."""
        outer = self.server_double
        key = self.headers.get("Idempotency-Key")
        if key in outer.barred:
            return {"error": "Conflict", "message": "barred", "code": "submission_barred"}, 409
        if key and "idempotency" in outer.capabilities:
            for number, (known, _payload) in enumerate(outer.printed, start=1):
                if known == key:
                    return {"job_id": f"made-{number}", "status": "queued"}, 200
        outer.printed.append((key, self.content))
        job_id = outer.add_job(f"made-{len(outer.printed)}")
        return {"job_id": job_id, "status": "queued"}, 201

    def find(self, key):
        """What became of a submission, by its key; DELETE cancels it, or bars it when it has not arrived."""
        outer = self.server_double
        number = next((n for n, (known, _payload) in enumerate(outer.printed, start=1) if known == key), None)
        job = outer.jobs[f"made-{number}"] if number else None
        if self.command == "GET":
            if not job:
                return {"error": "Not Found", "message": "no such submission", "code": "submission_unknown"}, 404
            return {"job_id": job["job_id"], "status": job["status"]}, 200
        if not job:
            outer.barred.add(key)
            return {"success": True, "outcome": "barred"}, 200
        if job["status"] in ("completed", "failed", "cancelled"):
            error = {"error": "Conflict", "message": "ended", "code": "job_finished", "job_id": job["job_id"]}
            return error, 409
        job["status"] = "cancelled"
        return {"success": True, "outcome": "cancelled", "job_id": job["job_id"]}, 200

    def send_json(self, data, status=200, **headers):
        self.send_raw(json.dumps(data).encode(), status, "application/json", **headers)

    def send_raw(self, body, status=200, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in {**self.server_double.headers, **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def fault_hang(self):
        self.server_double.released.wait(20)
        self.close_connection = True

    def fault_trickle(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        for _byte in range(400):
            if self.server_double.released.wait(0.05):
                break
            self.wfile.write(b" ")
        self.close_connection = True

    def fault_reset(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"jobs": [{"job_id": "')
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def fault_500(self):
        self.send_json({"error": "Internal error", "message": "division by zero"}, 500)

    def fault_502(self):
        self.send_raw(b"<html><body><h1>502 Bad Gateway</h1></body></html>", 502, "text/html")

    def fault_401(self):
        self.send_json({"error": "Unauthorized"}, 401)

    def fault_403(self):
        self.send_json({"error": "Forbidden"}, 403)

    def fault_404(self):
        self.send_json({"error": "Not found"}, 404)

    def fault_429(self):
        self.send_json({"error": "Too many requests"}, 429)

    def fault_invalid_json(self):
        self.send_raw(b'{"jobs": [')

    def fault_wrong_shape(self):
        self.send_json([["status", 7], None, {"status": {"deep": []}}])

    def fault_huge_body(self):
        """A hundred megabytes, as far as the client takes them."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = b"%x\r\n%s\r\n" % (65536, b" " * 65536)
        for _piece in range(1600):
            self.wfile.write(piece)
        self.close_connection = True


def _self_signed_certificate():
    """A TLS context with a self-signed certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(file)
    return context
