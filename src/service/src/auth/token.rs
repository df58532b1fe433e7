//! Tokens: how they are made, hashed, compared and shown (contract 01, 2.3).
//!
//! The hash format is the one existing registries hold. Its cost guards the short tokens people chose long ago;
//! generated ones have 256 bits of chance and would need none. The one invariant: secrets are compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use model::Error;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::settings::Secret;

/// The shortest token a caller may choose. Shorter ones of old registries keep working.
pub const SHORTEST_TOKEN: usize = 15;

const SCHEME: &str = "pbkdf2_sha256";
const ITERATIONS: u32 = 260_000;

/// The first 12 hex digits of a text's SHA-256: enough to tell tokens apart, not enough to try them.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let mut hex = sha256_hex(text);
    hex.truncate(12);
    hex
}

/// The SHA-256 of a text, in hex.
pub(super) fn sha256_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Whether two texts are the same, without telling where they differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    bool::from(a.as_slice().ct_eq(b.as_slice()))
}

/// HMAC-SHA256.
pub(super) fn keyed(key: &[u8], text: &str) -> [u8; 32] {
    // HMAC takes keys of any length; the empty fallback is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// `N` bytes of chance.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(format!("the system gives no randomness: {e}")))?;
    Ok(bytes)
}

/// 32 bytes of chance as 43 characters, after a prefix.
pub(super) fn generate(prefix: &str) -> Result<Secret, Error> {
    Ok(Secret::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()?))))
}

/// 48 bytes of chance as 64 characters.
pub(super) fn generate_key() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(random::<48>()?))
}

/// The hash to store for a token. Takes tens of milliseconds: not for the async threads.
pub(super) fn hash(token: &str) -> Result<String, Error> {
    Ok(hash_with(token, &random::<16>()?, ITERATIONS))
}

pub(super) fn hash_with(token: &str, salt: &[u8], iterations: u32) -> String {
    let digest = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(token.as_bytes(), salt, iterations);
    format!("{SCHEME}${iterations}${}${}", hex::encode(salt), hex::encode(digest))
}

/// Whether a stored hash is this token's. Takes tens of milliseconds: not for the async threads.
pub(super) fn verify(token: &str, stored: &str) -> bool {
    let mut parts = stored.split('$');
    let (Some(SCHEME), Some(iterations), Some(salt), Some(digest), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(iterations @ 1..), Ok(salt), Ok(digest)) =
        (iterations.parse::<u32>(), hex::decode(salt), hex::decode(digest))
    else {
        return false;
    };
    let computed = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(token.as_bytes(), &salt, iterations);
    bool::from(computed.as_slice().ct_eq(digest.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_look_as_clients_know_them() {
        let token = generate("agw_").unwrap();
        assert_eq!(token.expose().len(), 47);
        assert!(token.expose().starts_with("agw_"));
        assert_ne!(token, generate("agw_").unwrap());
        assert_eq!(generate_key().unwrap().len(), 64);
        assert_eq!(fingerprint("abc"), "ba7816bf8f01");
        assert_eq!(format!("{token:?}"), "Secret(…)");
    }

    #[test]
    fn stored_hashes_are_verified_with_their_own_cost() {
        // The vector is RFC 7914's for PBKDF2-HMAC-SHA256, cut to 32 bytes.
        let rfc = "pbkdf2_sha256$1$73616c74$55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc";
        let own = hash_with("secret", b"0123456789abcdef", 3);
        for (token, stored, expected) in [
            ("passwd", rfc, true),
            ("passwe", rfc, false),
            ("", rfc, false),
            ("secret", own.as_str(), true),
            ("secret", "", false),
            ("secret", "plain", false),
            ("secret", "argon2$1$00$00", false),
            ("secret", "pbkdf2_sha256$0$00$00", false),
            ("secret", "pbkdf2_sha256$x$00$00", false),
            ("secret", "pbkdf2_sha256$1$zz$00", false),
            ("secret", "pbkdf2_sha256$1$00$", false),
            ("secret", "pbkdf2_sha256$1$00$00$00", false),
        ] {
            assert_eq!(verify(token, stored), expected, "{token} {stored}");
        }
    }

    #[test]
    fn new_hashes_have_the_known_form() {
        let stored = hash("agw_x").unwrap();
        let parts: Vec<&str> = stored.split('$').collect();
        assert_eq!((parts[0], parts[1], parts[2].len(), parts[3].len()), ("pbkdf2_sha256", "260000", 32, 64));
        assert!(verify("agw_x", &stored));
    }

    #[test]
    fn comparison_is_by_content() {
        assert!(same("a", "a"));
        assert!(!same("a", "ab"));
        assert!(!same("", "a"));
    }
}
