"""A wire between psycopg and PostgreSQL that can be cut at the worst moment: around COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy import make_url


class Wire:
    """Carries connections to a server. `cut` is "before" or "after" to cut once, at the next COMMIT: before the server sees it,
    or when it has done it and its reply is on the way. `dead`: take no more connections after that."""

    def __init__(self, url: str) -> None:
        made = make_url(url)
        self._host = str(made.query.get("host") or made.host)
        self._port = made.port or 5432
        self._at = 0
        self.open()
        here = {"sslmode": "disable", "gssencmode": "disable"}
        self.url = made.set(host="127.0.0.1", port=self._at, query=here).render_as_string(False)
        self.cut = ""
        self.dead = False
        self.cuts = 0
        self._silent: socket.socket | None = None
        self._heard = threading.Event()

    def open(self) -> None:
        """Take connections, always at the same place."""
        self._door = socket.create_server(("127.0.0.1", self._at))
        self._at = self._door.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = door.accept()
                threading.Thread(target=self._carry, args=(client, self._connect()), daemon=True).start()

    def _connect(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return server
        return socket.create_connection((self._host, self._port))

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """PostgreSQL speaks in turns: what the client says goes over, then whatever the server answers comes back."""
        back = threading.Thread(target=self._bring_back, args=(server, client), daemon=True)
        back.start()
        with client, server, suppress(OSError):
            while said := client.recv(65536):
                if self.cut and said.startswith(b"Q") and b"COMMIT" in said:
                    self._cut_at(said, client, server)
                    return
                server.sendall(said)

    def _bring_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if self._silent is not server:
                    client.sendall(said)
                else:
                    self._heard.set()

    def _cut_at(self, said: bytes, client: socket.socket, server: socket.socket) -> None:
        how, self.cut, self.cuts = self.cut, "", self.cuts + 1
        if how == "after":
            self._silent = server
            server.sendall(said)
            assert self._heard.wait(10)
        if self.dead:
            self.close()
        server.shutdown(socket.SHUT_RDWR)
        client.shutdown(socket.SHUT_RDWR)
