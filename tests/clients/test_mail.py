"""Mail goes through an SMTP server of another make, and its links lead where they should."""
import datetime
import json
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from email import message_from_bytes
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.process import PASSWORD, USERNAME, Boathouse

SECONDS = 30
PUBLIC = "https://data.example/boathouse"


class Mailbox:
    """Keeps the mails that are sent to it."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        mail = message_from_bytes(envelope.content)
        mail.add_header("X-Envelope", ",".join(envelope.rcpt_tos))
        self.mails.append(mail)
        return "250 kept"

    def newest(self, to: str, subject: str) -> str:
        """The text of the newest mail to an address, once there is one with this subject."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                if mail["X-Envelope"] == to and mail["Subject"] == subject:
                    return mail.get_payload(decode=True).decode()
            time.sleep(0.02)
        raise AssertionError(f"no mail {subject!r} to {to}; there are {[(m['X-Envelope'], m['Subject']) for m in self.mails]}")


class Form(HTMLParser):
    """The form of a page: where it is sent, and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        found = dict(attributes)
        if tag == "form":
            self.action = found["action"]
        if tag == "input":
            self.fields[found["name"]] = found.get("value", "")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def mailbox():
    return Mailbox()


@pytest.fixture(scope="module")
def smtp(mailbox):
    def signed_in(server, session, envelope, mechanism, given) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"us:er", b"p@ss word"))

    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), authenticator=signed_in,
                            auth_required=True, auth_require_tls=False)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture(scope="module")
def site(smtp):
    environment = {
        "BOATHOUSE_SMTP_URL": f"smtp://us%3Aer:p%40ss%20word@127.0.0.1:{smtp.port}?tls=off",
        "BOATHOUSE_MAIL_FROM": "Data <data@example.com>",
        "BOATHOUSE_PUBLIC_URL": f"{PUBLIC}/",
    }
    with Boathouse(environment=environment) as server:
        yield server


def call(site: Boathouse, path: str, body: dict | None = None, token: str = "") -> tuple[int, str]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    return sent(urllib.request.Request(site.address + path, data, headers))


def submitted(site: Boathouse, path: str, fields: dict) -> tuple[int, str]:
    return sent(urllib.request.Request(site.address + path, urllib.parse.urlencode(fields).encode()))


def sent(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def path_in(text: str) -> str:
    """The path of the one link in a mail, below the public address."""
    [link] = re.findall(r"https://\S+", text)
    assert link.startswith(PUBLIC + "/")
    return link.removeprefix(PUBLIC)


def login(site: Boathouse, name: str, password: str) -> tuple[int, dict]:
    status, text = call(site, "/api/login", {"username": name, "password": password})
    return status, json.loads(text)


def test_an_address_is_verified_before_the_first_login(site, mailbox):
    user = {"username": "john", "email_address": "john@example.org", "password": "test123"}
    assert call(site, "/api/users", user) == (200, "{}")
    assert login(site, "john", "test123")[0] == 403
    assert login(site, "john", "wrong!")[0] == 401
    text = mailbox.newest("john@example.org", "Verify your e-mail address")
    assert text.startswith("Hello john,\r\n")
    status, page = call(site, path_in(text))
    assert status == 200 and "john@example.org is yours." in page
    assert login(site, "john", "test123")[0] == 200
    assert call(site, path_in(text))[0] == 404


def test_a_password_is_reset_on_the_page_that_is_mailed(site, mailbox):
    user = {"username": "jane", "email_address": "jane@example.org", "password": "test123"}
    assert call(site, "/api/users", user)[0] == 200
    assert call(site, "/api/users/reset-password", {"email": "Jane@Example.org"}) == (200, "{}")
    path = path_in(mailbox.newest("jane@example.org", "Reset your password"))
    status, page = call(site, path)
    assert status == 200
    form = Form(page)
    target = urllib.parse.urljoin(path, form.action)
    status, page = submitted(site, target, form.fields | {"password": "brand néw"})
    assert status == 200 and "Your password is set" in page
    assert login(site, "jane", "brand néw")[0] == 200, "whoever reads the mail has the address"
    assert login(site, "jane", "test123")[0] == 401


def test_an_invitation_leads_to_an_account(site, mailbox):
    admin = login(site, USERNAME, PASSWORD)[1]["sessionToken"]
    assert call(site, "/api/users/invite", {"email": "joe@example.com"}, admin) == (200, "{}")
    path = path_in(mailbox.newest("joe@example.com", "You are invited"))
    form = Form(call(site, path)[1])
    target = urllib.parse.urljoin(path, form.action)
    status, page = submitted(site, target, form.fields | {"username": "joe", "password": "test123"})
    assert status == 200 and "Your account is ready" in page
    assert login(site, "joe", "test123")[0] == 200
    assert json.loads(call(site, "/api/mail-links", token=admin)[1]) == {"links": []}


def test_the_log_has_no_key_and_no_password(site, mailbox):
    assert mailbox.mails
    keys = [path_in(mail.get_payload(decode=True).decode()).rsplit("/", 1)[1] for mail in mailbox.mails]
    log = "".join(site.output)
    assert "mail sent" in log
    for secret in [*keys, "p@ss word", "p%40ss", "test123"]:
        assert secret not in log


def test_mail_that_must_be_encrypted_is_not_sent_in_the_open(smtp, mailbox):
    with mailing(f"smtp://user:secret@127.0.0.1:{smtp.port}") as server:
        before = len(mailbox.mails)
        invite(server, "joe@example.com")
        not_sent(server)
        assert len(mailbox.mails) == before
        assert "secret" not in "".join(server.output)


def test_mail_is_encrypted_where_it_must_be(tmp_path):
    """By STARTTLS, to a server whose certificate is checked."""
    authority, context = certified(tmp_path)
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
                            authenticator=lambda *_: AuthResult(success=True), auth_required=True)
    controller.start()
    try:
        url = f"smtp://user:secret@localhost:{controller.port}"
        with mailing(url, SSL_CERT_FILE=str(authority)) as server:
            invite(server, "joe@example.com")
            assert mailbox.newest("joe@example.com", "You are invited")
        with mailing(url) as server:
            invite(server, "jane@example.com")
            not_sent(server)
        assert len(mailbox.mails) == 1, "a certificate that nobody vouches for is refused"
    finally:
        controller.stop()


def mailing(url: str, **environment: str) -> Boathouse:
    """A server that hands mail to this SMTP server."""
    mail = {"BOATHOUSE_SMTP_URL": url, "BOATHOUSE_MAIL_FROM": "data@example.com", "BOATHOUSE_PUBLIC_URL": PUBLIC}
    return Boathouse(environment=mail | environment)


def invite(server: Boathouse, email: str) -> None:
    admin = login(server, USERNAME, PASSWORD)[1]["sessionToken"]
    assert call(server, "/api/users/invite", {"email": email}, admin) == (200, "{}")


def not_sent(server: Boathouse) -> None:
    """Waits until the log says that a mail was not sent."""
    deadline = time.monotonic() + SECONDS
    while not any("was not sent" in line or "could not be sent" in line for line in server.output):
        assert time.monotonic() < deadline, "".join(server.output)
        time.sleep(0.05)


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The certificate of an authority, and a context with one that it gave to `localhost`."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name: str, key, issuer: str, issuer_key, extension, critical: bool) -> bytes:
        named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer)]
        builder = x509.CertificateBuilder().subject_name(named[0]).issuer_name(named[1]).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical)
        lasting = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        return lasting.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    key, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = folder / "authority.pem"
    authority.write_bytes(certificate("authority", key, "authority", key, x509.BasicConstraints(True, None), True))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    (folder / "localhost.pem").write_bytes(
        certificate("localhost", own, "authority", key, names, False)
        + own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "localhost.pem")
    return authority, context
