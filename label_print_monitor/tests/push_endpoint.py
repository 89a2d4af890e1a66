"""A browser's push service on this machine: it keeps what is sent to it, and reads it as the browser would."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _derive(secret, salt, info, length):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


class PushEndpoint:
    """Where a browser's subscription points to.

    :ivar received: ``(headers, body)`` of each request
    """

    def __init__(self):
        self.received = []
        self._private_key = ec.generate_private_key(ec.SECP256R1())
        self._public_key = self._private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._auth = b"sixteen bytes ok"
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((dict(self.headers), body))
                self.send_response(201)
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/push"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def keys(self):
        """As the browser hands them to Odoo."""
        return {"p256dh": _text(self._public_key), "auth": _text(self._auth)}

    def notices(self):
        """What the browser would show, by RFC 8291."""
        return [self._read(body) for _headers, body in self.received]

    def _read(self, body):
        salt, sender, encrypted = body[:16], body[21:86], body[86:]
        sender_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._private_key.exchange(ec.ECDH(), sender_key)
        secret = _derive(shared, self._auth, b"WebPush: info\x00" + self._public_key + sender, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
        return json.loads(AESGCM(key).decrypt(nonce, encrypted, None).rstrip(b"\x02"))
