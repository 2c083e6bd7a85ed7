"""What importing the providers costs."""

from __future__ import annotations

import subprocess
import sys


def test_start_up_does_not_import_httpx() -> None:
    """The endpoints can be made without httpx, which would cost every start of the server 95 ms."""
    program = (
        "import sys\n"
        "from codefare_catalog import Catalog\n"
        "from codefare.providers.endpoints import Endpoints\n"
        "Endpoints(Catalog({}, {}, {}, {}, {}, {}, {}, {}), {}, environ={})\n"
        "print(sorted({'httpx', 'httpx_sse', 'httpcore', 'anyio', 'ssl', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in {"[]", "['ssl']"}  # asyncio imports ssl itself
