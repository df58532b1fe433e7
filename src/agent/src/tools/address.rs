//! Which network addresses a tool may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address it is, for the purpose of letting a model reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// On the public internet.
    Public,
    /// This machine or a network around it.
    Private,
    /// Never: link-local (where clouds keep credentials), multicast, addresses that mean something else.
    Forbidden,
}

pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => reach_v6(v6),
    }
}

fn reach_v4(a: Ipv4Addr) -> Reach {
    let [x, y, z, w] = a.octets();
    let metadata = [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]].contains(&[x, y, z, w]);
    if x == 0 || x >= 224 || a.is_link_local() || metadata {
        return Reach::Forbidden;
    }
    let shared = x == 100 && (64..128).contains(&y);
    let special = (x, y, z) == (192, 0, 0) || (x == 198 && (y == 18 || y == 19)) || a.is_documentation();
    if a.is_loopback() || a.is_private() || shared || special { Reach::Private } else { Reach::Public }
}

fn reach_v6(a: Ipv6Addr) -> Reach {
    let s = a.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    if a.is_loopback() {
        return Reach::Private;
    }
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => embedded(high, low),
        // The old "compatible" form, which includes the unspecified address.
        [0, 0, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, 1, ..] => Reach::Private,
        [0x2002, high, low, ..] => embedded(high, low),
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Reach::Forbidden,
        [first, ..] if first & 0xff00 == 0xff00 || first & 0xffc0 == 0xfe80 => Reach::Forbidden,
        [first, ..] if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 => Reach::Private,
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => Reach::Private,
        [first, ..] if first & 0xe000 == 0x2000 => Reach::Public,
        _ => Reach::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_reach() {
        let check = |text: &str, expected: Reach| {
            assert_eq!(reach(text.parse().unwrap()), expected, "{text}");
        };
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            check(text, Reach::Public);
        }
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::127.0.0.1",
            "2001:db8::1",
        ] {
            check(text, Reach::Private);
        }
        for text in [
            "169.254.169.254",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "fe80::1",
            "ff02::1",
            "::",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
        ] {
            check(text, Reach::Forbidden);
        }
    }
}
