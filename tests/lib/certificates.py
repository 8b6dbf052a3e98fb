"""Certificates for tests, made on the spot with openssl."""

import base64
import hashlib
import subprocess


def _openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


class Authority:
    """A certificate authority in a folder; its certificate is `file`."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.file = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-subj", f"/CN={name}", "-days", 2, "-keyout", self._key, "-out",
                 self.file)

    def issue(self, name, alternative, days=1):
        """A certificate for a server, such as "IP:127.0.0.1". Returns: its file and its key's."""
        key, request, file = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key,
                 "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", file)
        return file, key


def pin(certificate):
    """sha256//BASE64 of a certificate's public key."""
    public = _openssl("x509", "-in", certificate, "-noout", "-pubkey")
    der = _openssl("pkey", "-pubin", "-outform", "DER", data=public)
    return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()
