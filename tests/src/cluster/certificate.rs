//! A certificate authority for one server.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Files in PEM that the server reads.
pub(super) struct Certificate {
    pub(super) key: PathBuf,
    pub(super) chain: PathBuf,
}

/// Where the certificate that clients trust is kept.
pub(super) fn authority(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

impl Certificate {
    /// Makes an authority, and a certificate for this machine that it has signed. The authority's
    /// own key is forgotten.
    pub(super) fn make(directory: &Path) -> io::Result<Self> {
        let files = Self {
            key: directory.join("server.key"),
            chain: directory.join("server.pem"),
        };
        let (authority_pem, chain, key) = signed().map_err(io::Error::other)?;
        fs::write(authority(directory), authority_pem)?;
        fs::write(&files.chain, chain)?;
        fs::write(&files.key, key)?;
        // PostgreSQL refuses a key that others can read.
        fs::set_permissions(&files.key, Permissions::from_mode(0o600))?;
        Ok(files)
    }
}

fn signed() -> Result<(String, String, String), rcgen::Error> {
    let mut authority = named("Test authority", &[])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate()?;
    let authority_pem = authority.self_signed(&authority_key)?.pem();

    let key = KeyPair::generate()?;
    let chain = named("Test server", &["localhost", "127.0.0.1"])?
        .signed_by(&key, &Issuer::new(authority, authority_key))?;
    Ok((authority_pem, chain.pem(), key.serialize_pem()))
}

/// Issuer and subject need names of their own: equal names would make the server's certificate
/// look like one that has signed itself.
fn named(name: &str, hosts: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut parameters = CertificateParams::new(hosts)?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}
