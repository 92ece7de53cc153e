"""Messages to JSON text frames and back, with every size limit of the protocol.

One bad frame is one ``WireError``: the link it came on ends, nothing else does.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from soundmesh.wire.messages import (
    MAX_MESSAGE_BYTES,
    MAX_SDP_BYTES,
    ClientMessage,
    Offer,
    Restart,
    ServerMessage,
)

MAX_FRAME_BYTES = MAX_SDP_BYTES + MAX_MESSAGE_BYTES
"""No frame of a client may be longer; what a carrier should refuse before it is whole in memory."""

M = TypeVar("M")

_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


class WireError(Exception):
    """A frame that is no message of this protocol. Ends that link alone; the text is for logs."""


def decode_client(raw: str | bytes) -> ClientMessage:
    """What a client sent.

    Raises: WireError when it is too long, no JSON, of an unknown tag or out of a field's range.
    """
    size = _size(raw)
    if size > MAX_FRAME_BYTES:
        raise WireError(f"frame of {size} bytes, at most {MAX_FRAME_BYTES}")
    message = _decode(_client, raw)
    if size > MAX_MESSAGE_BYTES and not isinstance(message, Offer | Restart):
        raise WireError(f"{type(message).__name__} of {size} bytes, at most {MAX_MESSAGE_BYTES}")
    return message


def decode_server(raw: str | bytes) -> ServerMessage:
    """What the appliance sent; for clients written in Python, which trust their appliance's sizes.

    Raises: WireError.
    """
    return _decode(_server, raw)


def encode(message: ServerMessage) -> str:
    """A message of the appliance as one text frame."""
    return _encoder.encode(message).decode()


def encode_client(message: ClientMessage) -> str:
    """A message of a client as one text frame."""
    return _encoder.encode(message).decode()


def _decode(decoder: msgspec.json.Decoder[M], raw: str | bytes) -> M:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise WireError(f"not a message: {error}") from None


def _size(raw: str | bytes) -> int:
    """Bytes on the wire; a text frame's characters are counted first, so that a huge one is not encoded."""
    if isinstance(raw, bytes) or len(raw) > MAX_FRAME_BYTES:
        return len(raw)
    return len(raw.encode("utf-8", "surrogatepass"))
