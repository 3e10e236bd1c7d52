//! As much of HPACK (RFC 7541) as an attacker needs: nothing is compressed, nothing is remembered unless it should be.

/// A field that the other side does not remember.
pub fn field(into: &mut Vec<u8>, name: &str, value: &str) {
    into.push(0x00);
    text(into, name);
    text(into, value);
}

/// A field that the other side remembers; it is then number 62.
pub fn remembered(into: &mut Vec<u8>, name: &str, value: &str) {
    into.push(0x40);
    text(into, name);
    text(into, value);
}

/// The field of this number, below 127, in one byte.
pub fn indexed(number: u8) -> u8 {
    0x80 | number
}

fn text(into: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut rest = bytes.len();
    if rest < 127 {
        into.push(u8::try_from(rest).unwrap_or(0));
    } else {
        into.push(127);
        rest -= 127;
        while rest >= 128 {
            into.push(u8::try_from(rest % 128).unwrap_or(0) | 0x80);
            rest /= 128;
        }
        into.push(u8::try_from(rest).unwrap_or(0));
    }
    into.extend_from_slice(bytes);
}

/// The fields of a call.
pub fn call(path: &str, token: &str) -> Vec<u8> {
    let mut fields = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "fermata.test"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("authorization", &format!("Bearer {token}")),
    ] {
        field(&mut fields, name, value);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_have_their_length_in_several_bytes() {
        let mut block = Vec::new();
        field(&mut block, "a", &"x".repeat(1337));
        assert_eq!(&block[..3], [0, 1, b'a']);
        assert_eq!(&block[3..6], [127, 0xba, 0x09]); // 127 + 0x3a + 9 * 128
        assert_eq!(block.len(), 6 + 1337);
    }
}
