"""Files from outside: a real box, real uploads, the real reader, and kills in the middle."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.streams import ask, text_of
from tests.files import documents
from tests.servers.nodo import Nodo, running_nodo
from tests.waiting import until_now

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

Json = dict[str, object]
READ_WITHIN_S = 120
MEBIBYTE = 1 << 20


class Person:
    """The owner of a box with a program that uploads."""

    def __init__(self, box: Nodo, client: httpx.Client, headers: dict[str, str]) -> None:
        self.box = box
        self.client = client
        self.headers = headers

    def upload(self, name: str, content: bytes) -> httpx.Response:
        """Return the answer to an upload."""
        form = {"file": (name, content)}
        return self.client.post(f"{self.box.url}/files", files=form, headers=self.headers)

    def file(self, file_id: object) -> Json:
        """Return how far a file is."""
        found: Json = self.client.get(
            f"{self.box.url}/files/{file_id}", headers=self.headers
        ).json()
        return found

    def settled(self, file_id: object) -> Json:
        """Return a file once it is ready or failed."""
        until_now(
            lambda: self.file(file_id)["state"] != "extracting",
            within_s=READ_WITHIN_S,
            what="the file to be read",
        )
        return self.file(file_id)

    def read(self, name: str, content: bytes) -> Json:
        """Return a new file once it is ready or failed."""
        return self.settled(self.upload(name, content).json()["id"])


@pytest.fixture(scope="module")
def ana(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("box")
    with (
        running_nodo(folder, {"NODO_RATE_LIMIT_ENABLED": "off"}) as box,
        httpx.Client(timeout=120) as client,
    ):
        yield Person(box, client, box.set_up(client))


def reader_of(box: Nodo) -> psutil.Process | None:
    """Return the process that reads a file now."""
    for child in psutil.Process(box.pid).children():
        try:
            if "extraction" in " ".join(child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


def book(pages: int) -> bytes:
    """Return a pdf that takes a while."""
    line = "Línea %d de la página %d, con bastante texto para que se tarde en leer."
    return documents.pdf([[line % (n, page) for n in range(60)] for page in range(pages)])


def test_an_answer_is_written_with_the_file_in_mind(ana: Person) -> None:
    file = ana.read("turnos.md", b"# Turnos\nAna abre a las ocho.\n")
    without = ask(ana.client, ana.box.url, ana.headers, "¿Quién abre?")
    with_file = ask(ana.client, ana.box.url, ana.headers, "¿Quién abre?", files=[file["id"]])

    tokens = [events[-1].data["usage"]["prompt_tokens"] for events in (without, with_file)]  # type: ignore[index]

    assert (file["state"], file["tokens_estimated"]) == ("ready", False)
    assert with_file[-1].event == "done"
    assert text_of(with_file)
    assert tokens[1] - tokens[0] >= int(str(file["tokens"]))


def test_a_further_question_does_not_read_the_file_again(ana: Person) -> None:
    file = ana.read("largo.txt", b"palabra " * 1200)
    first = ask(ana.client, ana.box.url, ana.headers, "Resume", files=[file["id"]])
    conversation_id = first[0].data["conversation_id"]

    further = ask(ana.client, ana.box.url, ana.headers, "¿Y?", conversation_id=conversation_id)

    shares = [event.data["percent"] for event in further if event.data.get("stage") == "reading"]
    assert shares[0] > 80  # type: ignore[operator]


def test_a_file_is_read_by_the_model_before_anybody_asks(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "prefixes"
    with httpx.Client(timeout=120) as client, running_nodo(tmp_path) as box:
        ana = Person(box, client, box.set_up(client))
        file = ana.read("previo.txt", b"Mesa, silla y puerta. " * 80)
        # What is not the box's own bears a hash of whose it is.
        until_now(lambda: set(kept.glob("*.kv")) - set(kept.glob("box-*")), within_s=60)

        answer = ask(client, box.url, ana.headers, "Resume", files=[file["id"]])

    shares = [event.data["percent"] for event in answer if event.data.get("stage") == "reading"]
    assert int(str(file["tokens"])) >= 500
    assert int(str(shares[0])) > 90


def test_a_pdf_of_25_mib_is_read_and_the_server_stays_as_it_was(ana: Person) -> None:
    ana.read("klein.txt", b"x")
    web = psutil.Process(ana.box.pid)
    before = web.memory_info().rss
    pages = [[f"página {number}"] for number in range(300)]
    content = documents.pdf(pages, ballast_bytes=25 * MEBIBYTE - 200_000)

    file = ana.read("grande.pdf", content)
    grown = web.memory_info().rss - before

    assert len(content) > 24.8 * MEBIBYTE
    assert (file["state"], file["pages_done"]) == ("ready", 300)
    assert grown < 16 * MEBIBYTE


def test_26_mib_are_refused_before_they_are_read(ana: Person) -> None:
    host, port = ana.box.url.removeprefix("http://").split(":")
    head = (
        f"POST /files HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {26 * MEBIBYTE}\r\n"
        f"Authorization: {ana.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )

    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        # To its end: head and body may come in two pieces.
        answer = connection.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 413")
    assert '"code": "too_large"' in answer


def test_a_reader_that_is_killed_is_told_and_the_next_file_is_read(ana: Person) -> None:
    file_id = ana.upload("libro.pdf", book(2000)).json()["id"]
    until_now(lambda: reader_of(ana.box), within_s=60, what="a reader")
    reader = reader_of(ana.box)
    assert reader is not None
    environment = reader.environ()
    reader.send_signal(signal.SIGKILL)

    failed = ana.settled(file_id)

    assert not {name for name in environment if name.startswith("NODO_")} - {"NODO_PARENT_PID"}
    assert (failed["state"], failed["error"]["code"]) == ("failed", "extraction_failed")  # type: ignore[index]
    assert ana.read("a.txt", b"Hola")["state"] == "ready"


def test_hostile_files_get_words_and_the_box_stays_well(ana: Person) -> None:
    codes = [
        ana.read(name, content)["error"]["code"]  # type: ignore[index]
        for name, content in (
            ("a.docx", documents.zip_bomb(4 << 30)),
            ("a.docx", documents.entity_bomb()),
            ("a.pdf", documents.pdf_bomb(1 << 30)),
            ("a.pdf", documents.locked_pdf("x")),
        )
    ]

    assert codes == ["file_too_large_inside", "file_damaged", "file_damaged", "file_encrypted"]
    assert ana.client.get(f"{ana.box.url}/health").json()["status"] == "ok"


def test_a_download_is_an_attachment_whatever_its_name(ana: Person) -> None:
    name = '"><img src=x onerror=alert(1)>\r\nX-Evil: 1.md'
    sent = ana.upload(name, b"<script>alert(1)</script>").json()

    back = ana.client.get(f"{ana.box.url}/files/{sent['id']}/content", headers=ana.headers)

    assert back.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in back.headers["content-security-policy"]
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "x-evil" not in back.headers
    assert back.content == b"<script>alert(1)</script>"


def test_a_box_killed_while_it_reads_goes_on_after_its_restart(tmp_path: Path) -> None:
    content = book(2000)
    with httpx.Client(timeout=120) as client:
        with running_nodo(tmp_path) as first:
            owner = Person(first, client, first.set_up(client))
            file_id = owner.upload("libro.pdf", content).json()["id"]
            until_now(lambda: reader_of(first), within_s=60, what="a reader")
            reader = reader_of(first)
            first.kill()
        assert reader is not None
        until_now(lambda: not reader.is_running(), within_s=20, what="the end of the reader")
        with running_nodo(tmp_path) as second:
            again = Person(second, client, second.sign_in(client))
            file = again.settled(file_id)
            back = client.get(f"{second.url}/files/{file_id}/content", headers=again.headers)

    assert (file["state"], file["is_cut"]) == ("ready", True)
    assert back.content == content


def test_an_upload_that_a_kill_cuts_short_leaves_nothing(tmp_path: Path) -> None:
    blobs = tmp_path / "blobs" / "files"
    with httpx.Client(timeout=30) as client, running_nodo(tmp_path) as first:
        headers = first.set_up(client)
        host, port = first.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                f"POST /files HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {MEBIBYTE}\r\n"
                f"Authorization: {headers['Authorization']}\r\n"
                "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
                "".encode()
                + b"a" * 600_000
            )
            until_now(lambda: list(blobs.glob("*.part")), within_s=20, what="a half file")
            first.kill()
        assert list(blobs.iterdir())
    with running_nodo(tmp_path):
        until_now(lambda: not list(blobs.iterdir()), within_s=20, what="the half file to go")
