"""Sending what happens to a server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from maeum.callbacks.callback import Callback, Logs
from maeum.core.messages import _


@dataclass(eq=False)
class RemoteMonitor(Callback):
    """Send the logs of every epoch to a server, by HTTP POST; warn if it cannot be reached.

    Args:
        root: the server.
        path: the place there.
        field: the field of a form that holds the JSON.
        headers: headers of the request.
        send_as_json: send JSON as the body, in place of a form.
    """

    root: str = "http://localhost:9000"
    path: str = "/publish/epoch/end/"
    field: str = "data"
    headers: Mapping[str, str] | None = None
    send_as_json: bool = False

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Send the epoch."""
        from urllib.parse import urlencode
        from urllib.request import Request, urlopen

        values = {name: np.asarray(value).tolist() for name, value in (logs or {}).items()}
        text = json.dumps({"epoch": epoch, **values})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        body = text if self.send_as_json else urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        try:
            request = Request(self.root + self.path, body.encode(), headers, method="POST")
            with urlopen(request, timeout=10):
                pass
        except (OSError, ValueError) as error:
            said = _("{root} cannot be reached, so the epoch was not sent: {error}.",
                     root=self.root, error=error)  # fmt: skip
            warnings.warn(said, stacklevel=2)
