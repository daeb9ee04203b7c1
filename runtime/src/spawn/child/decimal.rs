//! In the child: a number as text, without allocation.

/// The number with a line's end, and where it begins.
pub(super) fn decimal(number: i64) -> ([u8; 24], usize) {
    let mut text = [b'\n'; 24];
    let mut from = text.len().wrapping_sub(1);
    let mut rest = number.unsigned_abs();
    loop {
        from = from.wrapping_sub(1);
        if let Some(digit) = text.get_mut(from) {
            *digit = b'0'.wrapping_add((rest % 10) as u8);
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        from = from.wrapping_sub(1);
        if let Some(sign) = text.get_mut(from) {
            *sign = b'-';
        }
    }
    (text, from)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn as_it_is_written() {
        for number in [0, 7, -7, 1000, -1000, i64::MAX, i64::MIN] {
            let (text, from) = decimal(number);
            assert_eq!(text[from..], *format!("{number}\n").as_bytes());
        }
    }
}
