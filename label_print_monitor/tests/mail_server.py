"""A mail server on the loopback interface that takes mails and keeps them, or hangs. The standard library has none."""

import contextlib
import email
import email.policy
import socket
import socketserver
import threading
from email.message import EmailMessage

SILENT, SILENT_AFTER_MAIL = "silent", "silent after mail"


class _Session(socketserver.StreamRequestHandler):
    """One connection: the commands that `smtplib` uses."""

    def handle(self) -> None:
        self.server.connections += 1  # type: ignore[attr-defined]
        if self.server.hangs == SILENT:  # type: ignore[attr-defined]
            self._hang()
            return
        self._say(220, "ready")
        for raw in self.rfile:
            command = raw.strip().upper()
            if command == b"DATA":
                self._say(354, "go on")
                self._take()
                if self.server.hangs == SILENT_AFTER_MAIL:  # type: ignore[attr-defined]
                    self._hang()
                    return
            elif command == b"QUIT":
                self._say(221, "bye")
                return
            self._say(250, "done")

    def _hang(self) -> None:
        """Until the other side has had enough, or the server is restarted."""
        self.server.hung.append(self.connection)  # type: ignore[attr-defined]
        while self.rfile.readline():
            pass

    def _take(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.mails.append(mail)  # type: ignore[attr-defined]

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine, until `stop`; `mails` has what came, `hangs` says how it hangs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.hangs = ""
        self.hung: list[socket.socket] = []
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def restart(self) -> None:
        """It answers from now on, and whoever waits is sent away."""
        self.hangs = ""
        while self.hung:
            with contextlib.suppress(OSError):  # the other side has gone
                self.hung.pop().shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
