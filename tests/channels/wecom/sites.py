"""Our own address as WeCom would call it, well or broken on purpose, and a certificate that nobody trusts but whoever is told to."""

import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.wecom.secrecy import Unreadable, open_sealed, signature

TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


class Site:
    """What stands at the callback address. `status` instead of an answer, `around` it, or the page of `somebody` else."""

    def __init__(self, corp_id="wwcorp", token=TOKEN, aes_key=AES_KEY):
        self.corp_id, self.token, self.aes_key, self.base, self.asked = corp_id, token, aes_key, "", 0
        self.status, self.around, self.somebody = 200, ("", ""), ""

    async def answer(self, request):
        self.asked += 1
        query = request.query
        sealed = query["echostr"]
        if self.somebody or self.status != 200:
            return web.Response(status=self.status, text=self.somebody)
        if query["msg_signature"] != signature(self.token, query["timestamp"], query["nonce"], sealed):
            return web.Response(status=403)
        try:
            plain = open_sealed(sealed, self.aes_key, self.corp_id)
        except Unreadable:
            return web.Response(status=403)
        return web.Response(text=plain.join(self.around))


@asynccontextmanager
async def served(handler, path="/{rest:.*}", *, tls=None):
    """An address of this machine at which the handler answers."""
    app = web.Application()
    app.router.add_get(path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def standing(**given):
    """A Site that is served."""
    site = Site(**given)
    async with served(site.answer, "/wecom/callback") as site.base:
        yield site


def own_authority(folder):
    """(a server's TLS, the file to trust it by): a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, day - timedelta(days=1), day + timedelta(days=2))
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signs = x509.BasicConstraints(ca=True, path_length=None)
    whole = made.add_extension(here, critical=False).add_extension(signs, critical=True).sign(key, hashes.SHA256())
    certificate, secret = folder / "ca.pem", folder / "key.pem"
    certificate.write_bytes(whole.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, secret)
    return tls, certificate
