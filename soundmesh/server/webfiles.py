"""The built web client, read once into memory: no file system look-up by URL ever happens."""

from __future__ import annotations

import mimetypes
import os
import sys
from pathlib import Path

from quart import Response

FOREVER = "public, max-age=31536000, immutable"
KINDS = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What a browser insists on, whatever the machine's own list says."""
MISSING_PAGE = b"""<!doctype html><meta charset="utf-8"><title>SoundMesh</title>
<p>The panel was not built. Run scripts/run once, or npm run build in web/.</p>"""


def web_root() -> Path:
    """The folder of the built client: ``SOUNDMESH_WEB``, the frozen program's, or the checkout's."""
    given = os.environ.get("SOUNDMESH_WEB")
    if given:
        return Path(given)
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen) / "soundmesh" / "_web"
    package = Path(__file__).resolve().parent.parent
    built = package / "_web"
    return built if built.is_dir() else package.parent / "web" / "dist"


class WebFiles:
    """Files of the built client by their URL path."""

    def __init__(self, root: Path) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        if not root.is_dir():
            return
        for path in sorted(root.rglob("*")):
            if path.is_file():
                name = path.relative_to(root).as_posix()
                kind = KINDS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
                self._files[name] = (path.read_bytes(), kind)

    @property
    def built(self) -> bool:
        return "index.html" in self._files

    def page(self) -> Response:
        """The panel's page, never cached, so that a new build is picked up by a reload."""
        data, _ = self._files.get("index.html", (MISSING_PAGE, ""))
        return Response(
            data,
            status=200 if self.built else 503,
            content_type="text/html; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )

    def asset(self, name: str) -> Response | None:
        """One other file; those under ``assets/`` have hashed names and are cached for good.

        The service worker (``sw.js``) is asked for anew each time: an old one must not outlive its build.
        """
        found = self._files.get(name)
        if found is None or name == "index.html":
            return None
        data, kind = found
        cache = FOREVER if name.startswith("assets/") else "no-cache"
        return Response(data, content_type=kind, headers={"Cache-Control": cache})
