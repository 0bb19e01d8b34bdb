"""Certificates for a cluster: whoever holds them may use it, nobody else."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hpt.cluster.connection import CA_FILE, CERTIFICATE_FILE, KEY_FILE, KEYS
from hpt.foundation.errors import InputError

DAYS = 3650


def write_keys(folder: Path) -> None:
    """Writes a certificate with its key, and the authority that signed it, into `folder`, which is made where it is not there.

    The authority's own key is thrown away: no second certificate can be signed, and a cluster whose key leaked gets new ones.
    Raises InputError where there are keys already.
    """
    if there := [name for name in KEYS if (folder / name).exists()]:
        raise InputError(
            f"{folder / there[0]}: there already. Choose another folder, or remove the keys of the old cluster."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _named("hpt cluster authority")
    root = _certificate(issuer, issuer, authority.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    leaf = _certificate(_named("hpt cluster"), issuer, key.public_key()).add_extension(purposes, critical=False)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(folder / KEY_FILE, private)
    _write(folder / CERTIFICATE_FILE, leaf.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    _write(folder / CA_FILE, root.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A day ago: the clocks of machines differ.
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
    )


def _write(path: Path, content: bytes) -> None:
    """Writes a file that is its owner's alone to read, from the first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
