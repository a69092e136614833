"""Identity documents: kept whole, sealed and once; or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.audit import audit
from backend.adapters.tables.files import files
from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed, UploadRefused
from backend.core.files import StoredFile
from backend.core.pages import Page
from backend.core.uploads import Upload
from backend.services.uploads import UploadOffer
from backend.unit_of_work import UnitOfWork
from tests import sent_files
from tests.backend.desk import Desk
from tests.backend.services.test_races import at_once

CONVERSATION = "c_0123456789012345678901"
MOST = 10 * 1024 * 1024


class Killed(BaseException):
    """Stands for the end of the process."""


class Link:
    """An upload page with its token."""

    def __init__(self, desk: Desk, *, market: str = "it", reference: str | None = None) -> None:
        self.desk = desk
        offer = UploadOffer(CONVERSATION, market, market, reference=reference)
        with desk.backend.uow() as uow:
            self.page: Page = desk.backend.uploads.offer(uow, offer, desk.clock.now())
            uow.commit()
        self.token = desk.backend.pages.mint(self.page.id).rsplit("/", 1)[1]

    def send(
        self, front: Upload | None, back: Upload | None = None, document_type: str = "identity_card"
    ) -> Any:
        return self.desk.backend.uploads.store(self.token, document_type, front, back)

    def refusal(self, *arguments: Any, **options: Any) -> dict[str, str]:
        """Why each field is refused."""
        with pytest.raises(UploadRefused) as refused:
            self.send(*arguments, **options)
        return dict(refused.value.problems)

    @property
    def kept(self) -> list[StoredFile]:
        assert self.page.reference
        with self.desk.backend.uow(read_only=True) as uow:
            return uow.files.of_reference(self.page.reference)


def photo(name: str = "fronte.jpg", content: bytes | None = None) -> Upload:
    return Upload(name, "image/jpeg", sent_files.jpeg() if content is None else content)


def scan(content: bytes | None = None) -> Upload:
    return Upload("carta.pdf", "application/pdf", content or sent_files.pdf())


@pytest.fixture
def link(desk: Desk) -> Link:
    return Link(desk)


def number_of_files(desk: Desk) -> int:
    """Of identity documents, over all uploads."""
    with desk.backend.uow(read_only=True) as uow:
        query = select(func.count()).where(files.c.purpose == "identity")
        return int(uow.connection.execute(query).scalar_one())


def test_front_and_back_are_kept_with_what_they_are_said_to_be(desk: Desk, link: Link) -> None:
    result = link.send(photo(), photo("retro.png", sent_files.png()))

    assert (result.conversation_id, result.market, result.language) == (CONVERSATION, "it", "it")
    front, back = link.kept
    assert (front.side, front.document_type, front.media_type) == (
        "front", "identity_card", "image/jpeg",
    )  # fmt: skip
    assert (back.side, back.purpose, back.reference) == ("back", "identity", link.page.reference)
    with desk.backend.uow(read_only=True) as uow:
        content = uow.files.content(front.id)
        assert uow.files.has_documents(front.reference)
    assert content
    assert content.startswith(b"\xff\xd8\xff")
    assert len(content) == front.size
    assert sent_files.PLACE not in content


def test_the_upload_is_audited_without_a_word_of_its_content(desk: Desk, link: Link) -> None:
    link.send(photo(), photo())

    with desk.backend.uow(read_only=True) as uow:
        (row,) = uow.connection.execute(
            select(audit).where(audit.c.event == "document_uploaded")
        ).all()
    assert (row.conversation_id, row.reason) == (CONVERSATION, "identity_card front+back")


@pytest.mark.parametrize(
    ("document_type", "front"), [("passport", photo()), ("identity_card", scan())]
)
def test_one_file_is_enough_of_a_passport_and_as_a_pdf(
    link: Link, document_type: str, front: Upload
) -> None:
    link.send(front, document_type=document_type)

    assert [file.side for file in link.kept] == ["front"]


@pytest.mark.parametrize(
    ("front", "back", "document_type", "problems"),
    [
        (None, None, "identity_card", {"front": "file_missing", "back": "file_missing"}),
        (photo(), None, "identity_card", {"back": "file_missing"}),
        (photo(), photo(content=b""), "identity_card", {"back": "file_missing"}),
        (None, photo(), "passport", {"front": "file_missing"}),
        (photo(), photo(), "", {"document_type": "document_type_unknown"}),
        (photo(), photo(), "ktp", {"document_type": "document_type_unknown"}),
        (
            photo(content=b"MZ\x90"),
            photo(content=b"x"),
            "library_card",
            {
                "document_type": "document_type_unknown",
                "front": "file_disguised",
                "back": "file_disguised",
            },
        ),
        (
            Upload("foto.heic", "image/heic", b"\0\0\0\x18ftypheic"),
            photo(content=sent_files.huge_png(13_000, 9)),
            "identity_card",
            {"front": "file_type", "back": "file_dimensions"},
        ),
        (scan(sent_files.locked_pdf()), None, "passport", {"front": "file_protected"}),
        (scan(sent_files.active_pdfs()["PDF inside"]), None, "ktp", {
            "front": "file_active", "document_type": "document_type_unknown"}),
        (scan(sent_files.pdf(21)), None, "passport", {"front": "file_pages"}),
        (photo(content=sent_files.jpeg()[:150]), None, "passport", {"front": "file_broken"}),
    ],
)  # fmt: skip
def test_where_one_file_is_refused_nothing_is_kept_and_the_page_stays_open(
    desk: Desk,
    link: Link,
    front: Upload | None,
    back: Upload | None,
    document_type: str,
    problems: dict[str, str],
) -> None:
    assert link.refusal(front, back, document_type) == problems
    assert number_of_files(desk) == 0
    assert "document_uploaded" not in desk.audited()

    link.send(photo(), photo())

    assert len(link.kept) == 2


@pytest.mark.parametrize(("size", "is_taken"), [(MOST, True), (MOST + 1, False)])
def test_a_file_has_ten_megabytes_at_most(link: Link, size: int, is_taken: bool) -> None:
    big = photo(content=sent_files.jpeg().ljust(size, b"\0"))

    if is_taken:
        link.send(big, document_type="passport")
    else:
        assert link.refusal(big, document_type="passport") == {"front": "file_too_big"}


def test_each_market_has_its_own_documents(desk: Desk) -> None:
    Link(desk, market="id").send(photo(), photo(), "ktp")
    refused = Link(desk, market="id").refusal(photo(), photo(), "residence_permit")

    assert refused == {"document_type": "document_type_unknown"}


def test_four_files_are_kept_for_one_request_at_most(desk: Desk) -> None:
    first = Link(desk)
    for link in (first, Link(desk, reference=first.page.reference)):
        link.send(photo(), photo())

    last = Link(desk, reference=first.page.reference)

    assert last.refusal(photo(), document_type="passport") == {"front": "file_too_many"}
    assert len(first.kept) == 4


def test_a_link_works_once_and_for_half_an_hour(desk: Desk, link: Link) -> None:
    late = Link(desk)
    desk.clock.forward(1799)
    link.send(photo(), photo())
    desk.clock.forward(1)

    with pytest.raises(LinkExpired):
        late.send(photo(), photo())
    with pytest.raises(LinkUsed):
        link.send(photo(), photo())
    assert number_of_files(desk) == 2


def test_the_link_of_another_kind_of_page_takes_no_files(desk: Desk) -> None:
    with desk.backend.uow() as uow:
        page = uow.pages.add(
            kind="veto", conversation_id="", market="it", language="it", reference="r_1",
            now=desk.clock.now(), expires_at=desk.clock.now().replace(year=2027),
        )  # fmt: skip
        uow.commit()
    token = desk.backend.pages.mint(page.id).rsplit("/", 1)[1]

    for unknown in (token, "nothing"):
        with pytest.raises(LinkUnknown):
            desk.backend.uploads.store(unknown, "passport", photo(), None)
    assert number_of_files(desk) == 0


def test_one_page_posted_twice_at_once_keeps_one_upload(any_desk: Desk) -> None:
    link = Link(any_desk)

    results = at_once([lambda: link.send(photo(), photo())] * 4)

    assert sum(isinstance(result, LinkUsed) for result in results) == 3
    assert len(link.kept) == 2
    assert any_desk.audited().count("document_uploaded") == 1


def test_a_process_that_ends_after_the_check_leaves_nothing(
    desk: Desk, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_unit: UnitOfWork) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", killed)
        with pytest.raises(Killed):
            link.send(photo(), photo())

    assert number_of_files(desk) == 0
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"sportello.db"}
    link.send(photo(), photo())
    assert len(link.kept) == 2


def test_what_is_kept_cannot_be_read_from_the_database(
    desk: Desk, link: Link, tmp_path: Path
) -> None:
    pdf = sent_files.pdf()
    link.send(photo(), scan(pdf))
    with desk.backend.uow(read_only=True) as uow:
        contents = [uow.files.content(file.id) for file in link.kept]
    desk.backend.engine.dispose()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    for content in contents:
        assert content
        assert content[:40] not in written
        assert content[-40:] not in written
    assert b"\xff\xd8\xff" not in written
    assert b"%PDF" not in written


def test_an_upload_that_nobody_asks_anything_with_goes_after_a_day(desk: Desk, link: Link) -> None:
    link.send(photo(), photo())
    claimed = Link(desk)
    claimed.send(photo(), photo())
    assert claimed.page.reference
    with desk.backend.uow() as uow:
        assert uow.files.move(claimed.page.reference, "r_request") == 2
        uow.commit()

    for seconds, left in ((86_399, 4), (1, 2), (10**8, 2)):
        desk.clock.forward(seconds)
        desk.backend.sweep()
        assert number_of_files(desk) == left
    with desk.backend.uow(read_only=True) as uow:
        assert uow.files.has_documents("r_request")
        assert not uow.files.has_documents(claimed.page.reference)


def test_the_files_of_a_request_can_be_forgotten(desk: Desk, link: Link) -> None:
    link.send(photo(), photo())
    other = Link(desk)
    other.send(photo(), photo())
    assert link.page.reference

    with desk.backend.uow() as uow:
        assert uow.files.remove_of(link.page.reference) == 2
        uow.commit()

    assert (link.kept, len(other.kept)) == ([], 2)


def test_a_page_knows_the_limits_of_its_market(
    desk: Desk, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow: Callable[[str], Any] = lambda _: replace(  # noqa: E731
        desk.backend.settings.limits, upload_bytes=100
    )
    monkeypatch.setattr(desk.backend.markets, "limits", narrow)

    assert link.refusal(photo(), document_type="passport") == {"front": "file_too_big"}
