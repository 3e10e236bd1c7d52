"""TLS of a play: a CA, and a server's certificate that can be rotated."""

from pathlib import Path

import trustme


class Certificates:
    """Files in a directory. The server reads them again when they change."""

    def __init__(self, directory: Path) -> None:
        self._ca = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self.certificate_file = directory / "server.pem"
        self.key_file = directory / "server.key"
        self._ca.cert_pem.write_to_path(self.ca_file)
        self.ca = self.ca_file.read_bytes()
        self.rotate()

    def rotate(self) -> None:
        """Another certificate and key."""
        issued = self._ca.issue_cert("127.0.0.1", "localhost")
        for file, text in (
            (self.key_file, issued.private_key_pem.bytes()),
            (self.certificate_file, b"".join(part.bytes() for part in issued.cert_chain_pems)),
        ):
            # In one step, so that nobody reads half of it.
            new = file.with_suffix(".new")
            new.write_bytes(text)
            new.rename(file)
