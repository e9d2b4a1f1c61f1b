"""A cable between two ports of loopback, in a process of its own, so that it can be cut: `python -m … FROM TO`.

A process that is stopped (SIGSTOP) forwards nothing and closes nothing, so both ends wait, and neither hears that the other
is gone. That is how a cut network looks. When it goes on (SIGCONT), what was under way arrives late, as by TCP.
"""

import asyncio
import contextlib
import sys
from asyncio import StreamReader, StreamWriter


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(near: int, far: int) -> None:
    """Let whoever connects to the port `near` speak with the port `far`."""

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", far)
        except OSError:  # nobody listens: the caller hears so
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))

    async with await asyncio.start_server(connected, "127.0.0.1", near) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
