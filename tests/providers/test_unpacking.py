"""Bodies as they were before they were compressed, in pieces of a bounded size."""

from __future__ import annotations

import zlib

from codefare.providers.unpacking import PIECE, body_for


def test_nothing_is_left_behind_a_full_piece() -> None:
    """What is read of a body may not be given yet: where nothing more comes, nothing else brings it out."""
    for length in range(PIECE, PIECE + 300):
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = packer.compress(b"a" * length) + packer.flush()
        assert sum(map(len, body_for("deflate").feed(packed))) == length
