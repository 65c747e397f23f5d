"""QR codes: what a phone reads off a screen instead of having it typed."""

import io


def qr_svg(text: str) -> str:
    """Return the text as a QR code, a whole SVG image of some kilobytes.

    The quiet zone around it is part of the image, so that it can be read on a dark page too.
    """
    import segno  # noqa: PLC0415 - rarely needed, and not at the start.

    image = io.BytesIO()
    segno.make(text, micro=False, error="m").save(
        image, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgns=True
    )
    return image.getvalue().decode("utf-8")
