"""SMTP servers: aiosmtpd, and one that answers each command as a test wants."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HANG = "hang"
DISCONNECT = "disconnect"


@dataclass
class Inbox:
    """What a server received."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list[Envelope])
    secure: list[bool] = field(default_factory=list[bool])

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.secure.append(session.ssl is not None)
        return "250 OK"

    def message(self) -> EmailMessage:
        """Return the only message."""
        [envelope] = self.envelopes
        assert isinstance(envelope.content, bytes)
        return message_from_bytes(envelope.content, policy=policy.default)


def password_is_right(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == b"p@ss/word", handled=False)


@asynccontextmanager
async def smtp_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, **options: Any
) -> AsyncGenerator[Inbox]:
    """Run aiosmtpd on a free port."""
    loop, inbox = asyncio.get_running_loop(), Inbox()
    if not implicit:
        options["tls_context"] = tls
    server = await loop.create_server(
        lambda: SMTP(inbox, hostname="mail.example.org", loop=loop, **options),
        "127.0.0.1",
        0,
        ssl=tls if implicit else None,
    )
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()


@dataclass
class Script:
    """A server that answers 2xx or 354, except as `answers` says.

    Its keys are commands in upper case, and "greeting" and "." for the ends of connecting and of
    the content. An answer may also be HANG or DISCONNECT.
    """

    answers: Mapping[str, str]
    port: int = 0
    contents: list[bytes] = field(default_factory=list[bytes])
    commands: list[str] = field(default_factory=list[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.converse(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self.answer(writer, "greeting", "220 ready"):
            return
        while line := await reader.readline():
            command = line.decode("latin-1").strip()
            verb = command.partition(" ")[0].upper()
            self.commands.append(command)
            usual = {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250-here\r\n250 AUTH PLAIN"}
            if not await self.answer(writer, verb, usual.get(verb, "250 OK")):
                return
            if verb == "DATA" and "DATA" not in self.answers:
                content = await reader.readuntil(b"\r\n.\r\n")
                if "." not in self.answers:
                    self.contents.append(content)
                if not await self.answer(writer, ".", "250 OK"):
                    return

    async def answer(self, writer: asyncio.StreamWriter, step: str, usual: str) -> bool:
        answer = self.answers.get(step, usual)
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == DISCONNECT:
            return False
        writer.write(f"{answer}\r\n".encode("latin-1"))
        await writer.drain()
        return True


@asynccontextmanager
async def scripted_server(**answers: str) -> AsyncGenerator[Script]:
    """Run a `Script` on a free port; "end" stands for "."."""
    script = Script({"." if step == "end" else step: answer for step, answer in answers.items()})
    tasks = set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await script.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a new certificate authority, and the context of a server that it vouches for."""
    authority, root = signed("authority", None)
    key, certificate = signed("localhost", (authority, root))
    ca, chain = folder / "ca.pem", folder / "server.pem"
    ca.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return ca, context


Signer = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def signed(name: str, by: Signer | None) -> Signer:
    """Return a new key and its certificate, signed by another or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[1].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(by[0] if by else key, hashes.SHA256())
    )
    return key, certificate
