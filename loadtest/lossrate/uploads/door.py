"""Where uploads go, and how a photo is addressed there."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from lossrate.photos import Photo


@dataclass(frozen=True)
class Door:
    """Where uploads go: to a master, or to a bare handler that is compared with it."""

    url: str
    options: tuple[tuple[str, str], ...] = ()
    """Of every photo, as the query has them."""
    headers: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    """What idempotency keys begin with; None where none are sent."""

    def path(self, photo: Photo) -> str:
        """Of the request that submits this photo."""
        path = urlsplit(self.url).path or "/"
        if not self.options:
            return path
        truth = [("tag", f"truth={photo.truth}")] if photo.truth is not None else []
        return f"{path}?{urlencode([*self.options, ('fileName', photo.name), *truth])}"

    def headers_of(self, photo: Photo) -> dict[str, str]:
        """Of the request that submits this photo: with the same key each time."""
        # A header carries no more than ASCII, and names may be of anything.
        name = hashlib.sha256(photo.name.encode()).hexdigest()
        key = {} if self.key is None else {"idempotency-key": f"{self.key}-{name}"}
        # The master tells the true type from the bytes: this says only that they are no form.
        return {"content-type": "image/jpeg", **dict(self.headers), **key}
