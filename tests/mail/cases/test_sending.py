"""Messages reach real SMTP servers, or fail as the server answered."""

import ssl
from base64 import b64encode
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_servers import (
    DISCONNECT,
    HANG,
    certificates,
    password_is_right,
    scripted_server,
    smtp_server,
)

from my_service.core.mail import (
    InvalidMail,
    Mailbox,
    MailRefused,
    MailUnavailable,
    compose,
    send_mail,
)
from my_service.settings import settings

MailTo = Callable[[str], None]


def note(text: str = "Hello") -> EmailMessage:
    return compose("letters/note", to="ada@example.org", subject="Note", text=text)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificates(tmp_path_factory.mktemp("certificates"))


async def test_a_message_is_delivered_once(mail_to: MailTo) -> None:
    async with smtp_server() as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        await send_mail(note())
    [envelope] = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("noreply@localhost", ["ada@example.org"])
    assert inbox.message().get_content() == "Hello\r\n"
    assert inbox.message()["Message-ID"].endswith("@localhost>")
    assert {"Date", "From", "To", "Subject"} <= set(inbox.message().keys())


@pytest.mark.parametrize(
    "text",
    ["x" * 5_000_000, ".\r\n..\n.", "ünïcode ☃ \U0001f600", "long " + "é" * 3_000, "From me\n\n\n"],
    ids=["huge", "dots", "unicode", "long line", "From"],
)
async def test_any_text_arrives_as_it_was(mail_to: MailTo, text: str) -> None:
    async with smtp_server() as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        await send_mail(note(text))
    received = str(inbox.message().get_content()).replace("\r\n", "\n")
    assert received == text.replace("\r\n", "\n").removesuffix("\n") + "\n"


async def test_attachments_are_sent(mail_to: MailTo) -> None:
    message = note()
    message.add_attachment(
        b"\0\xff", maintype="application", subtype="pdf", filename="Rechnung ä.pdf"
    )
    async with smtp_server() as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        await send_mail(message)
    [attachment] = inbox.message().iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("Rechnung ä.pdf", b"\0\xff")


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"])
@pytest.mark.parametrize(
    ("code", "error"), [("451", MailUnavailable), ("421", MailUnavailable), ("550", MailRefused)]
)
async def test_a_refusal_at_any_step_is_temporary_or_final(
    mail_to: MailTo, step: str, code: str, error: type[Exception]
) -> None:
    answer = f"{code} 5.7.1 not today"
    answers = {step: answer, "HELO": answer} if step == "EHLO" else {step: answer}
    async with scripted_server(**answers) as server:
        mail_to(f"smtp://127.0.0.1:{server.port}")
        with pytest.raises(error, match=f"127.0.0.1:.*ada@example.org: {code} 5.7.1 not today"):
            await send_mail(note())
    assert server.contents == []


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"])
@pytest.mark.parametrize("fault", [HANG, DISCONNECT, "nonsense", "2"])
async def test_a_fault_at_any_step_is_temporary(
    mail_to: MailTo, impatient: None, step: str, fault: str
) -> None:
    answers = {step: fault, "HELO": fault} if step == "EHLO" else {step: fault}
    async with scripted_server(**answers) as server:
        mail_to(f"smtp://127.0.0.1:{server.port}")
        with pytest.raises(MailUnavailable, match=r"127\.0\.0\.1:"):
            await send_mail(note())
    assert server.contents == []


@pytest.mark.parametrize("fault", [HANG, DISCONNECT, "451 later", "550 no"])
async def test_a_fault_after_the_message_was_accepted_is_ignored(
    mail_to: MailTo, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("my_service.core.mail.sending.GOODBYE", 0.2)
    async with scripted_server(QUIT=fault) as server:
        mail_to(f"smtp://127.0.0.1:{server.port}")
        await send_mail(note())
    assert len(server.contents) == 1


async def test_a_server_that_is_away_is_temporary(mail_to: MailTo) -> None:
    async with smtp_server() as inbox:
        port = inbox.port
    mail_to(f"smtp://127.0.0.1:{port}")
    with pytest.raises(MailUnavailable, match=r"Error connecting to 127\.0\.0\.1"):
        await send_mail(note())
    mail_to("smtp://no-such-host.invalid?starttls=never")
    with pytest.raises(MailUnavailable, match=r"no-such-host\.invalid:25"):
        await send_mail(note())


async def test_a_message_over_the_servers_limit_is_refused(mail_to: MailTo) -> None:
    async with smtp_server(data_size_limit=10_000) as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        with pytest.raises(MailRefused, match="552"):
            await send_mail(note("x" * 20_000))
    assert inbox.envelopes == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_tls_needs_a_trusted_certificate(
    mail_to: MailTo, tls: tuple[Path, ssl.SSLContext], scheme: str
) -> None:
    ca, context = tls
    options = "?starttls=required&" if scheme == "smtp" else "?"
    async with smtp_server(tls=context, implicit=scheme == "smtps") as inbox:
        mail_to(f"{scheme}://localhost:{inbox.port}{options}")
        with pytest.raises(MailUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await send_mail(note())
        mail_to(f"{scheme}://localhost:{inbox.port}{options}ca={ca}")
        await send_mail(note())
    assert len(inbox.envelopes) == 1
    if scheme == "smtp":
        assert inbox.secure == [True]


async def test_nothing_is_sent_in_clear_if_tls_is_required(mail_to: MailTo) -> None:
    async with scripted_server() as server:
        mail_to(f"smtp://ada:secret@127.0.0.1:{server.port}?starttls=required")
        with pytest.raises(MailRefused, match="STARTTLS"):
            await send_mail(note())
    assert [command.partition(" ")[0] for command in server.commands] == ["EHLO"]


async def test_a_password_is_sent_over_tls(
    mail_to: MailTo, tls: tuple[Path, ssl.SSLContext]
) -> None:
    ca, context = tls
    async with smtp_server(
        tls=context, auth_required=True, authenticator=password_is_right
    ) as inbox:
        url = f"@localhost:{inbox.port}?starttls=required&ca={ca}"
        mail_to(f"smtp://ada:p%40ss%2Fword{url}")
        await send_mail(note())
        mail_to(f"smtp://ada:wr0ng-password{url}")
        with pytest.raises(MailRefused, match=r"535 5\.7\.8") as caught:
            await send_mail(note())
    assert len(inbox.envelopes) == 1
    assert "wr0ng" not in str(caught.value)


async def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(
    mail_to: MailTo,
) -> None:
    encoded = b64encode(b"\0ada\0hunter22").decode()
    async with scripted_server(
        AUTH=f"535 AUTH PLAIN {encoded} is wrong: hunter22 \x00\xff\x1b[0m"
    ) as server:
        mail_to(f"smtp://ada:hunter22@127.0.0.1:{server.port}")
        with pytest.raises(MailRefused) as caught:
            await send_mail(note())
    text = str(caught.value)
    assert "535 AUTH PLAIN *** is wrong: ***" in text
    assert text.isprintable()
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("jürgen@example.org", "jürgen@example.org"),
    ],
)
async def test_unicode_addresses_are_sent(mail_to: MailTo, address: str, wanted: str) -> None:
    async with smtp_server(enable_SMTPUTF8=True) as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        await send_mail(compose("letters/note", to=address, subject="Grüße", text="x"))
    assert inbox.envelopes[0].rcpt_tos == [wanted]
    assert inbox.message()["Subject"] == "Grüße"


async def test_a_server_without_smtputf8_refuses_unicode_before_the_at(mail_to: MailTo) -> None:
    async with smtp_server() as inbox:
        mail_to(f"smtp://127.0.0.1:{inbox.port}")
        with pytest.raises(MailRefused, match="SMTPUTF8 is not supported"):
            await send_mail(compose("letters/note", to="jürgen@example.org", subject="x", text="x"))


@pytest.mark.parametrize("header", ["X-A\r\nBcc", "X-A\nBcc", "X-A:b", "X A", ""])
async def test_a_header_cannot_be_added_by_its_name(folder: Path, header: str) -> None:
    async def send() -> None:
        message = note()
        message[header] = "eve@example.org"
        await send_mail(message)

    with pytest.raises(ValueError, match=r"header|line"):
        await send()
    assert Mailbox().names() == []


async def test_a_message_has_one_recipient(folder: Path) -> None:
    for name in ("Cc", "Bcc"):
        message = note()
        message[name] = "eve@example.org"
        with pytest.raises(InvalidMail, match="one sender and one recipient, not 1 and 2"):
            await send_mail(message)
    message = note()
    del message["To"]
    with pytest.raises(InvalidMail, match="not 1 and 0"):
        await send_mail(message)
    assert Mailbox().names() == []


async def test_mail_needs_a_url_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "mail_url", None)
    with pytest.raises(MailUnavailable, match="MAIL_URL is not set"):
        await send_mail(note())


async def test_the_console_shows_a_message(
    mail_to: MailTo, capsys: pytest.CaptureFixture[str]
) -> None:
    mail_to("console:")
    await send_mail(note())
    assert "Subject: Note" in capsys.readouterr().out
