"""The sockets under a session, fit for uploads: large blocks, and early answers are heard."""

import ssl
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.wait import wait_for_read

# Measured: 16 KiB, the default, halves the speed of an upload.
_BLOCK_SIZE_BYTES = 1 << 20


class UploadAdapter(HTTPAdapter):
    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(
            connections, maxsize, block, blocksize=_BLOCK_SIZE_BYTES, **pool_kwargs
        )
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class _HearsEarlyAnswers(HTTPConnection):
    """A server may answer 403 to the first bytes of a chunk and hang up or stop reading.

    urllib3 then reads the answer when the write failed with a broken pipe, but over TLS the
    write fails in another way, and the answer would be lost.
    """

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise BrokenPipeError from None
        except TimeoutError:
            if self.sock is not None and wait_for_read(self.sock, timeout=0):
                raise BrokenPipeError from None
            raise


class _TlsConnection(_HearsEarlyAnswers, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _HearsEarlyAnswers


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
