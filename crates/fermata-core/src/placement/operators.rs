//! Nova's operators in extra specs that are compared with an aggregate's metadata
//! (`nova/scheduler/filters/extra_specs_ops.py`;
//! <https://docs.openstack.org/nova/latest/admin/scheduling.html#computecapabilitiesfilter>).

/// Whether a value of an aggregate is what a flavor asks for. An operator without an operand matches nothing; without
/// an operator the two are the same text.
pub(super) fn matches(value: &str, wanted: &str) -> bool {
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let Some((operator, operands)) = words.split_first() else {
        return value == wanted;
    };
    let Some(first) = operands.first().copied() else {
        return !is_operator(operator) && value == wanted;
    };
    match *operator {
        // The words between the values are `<or>` again.
        "<or>" => operands.iter().step_by(2).any(|operand| *operand == value),
        "<in>" => value.contains(first),
        "<all-in>" => operands.iter().all(|operand| value.contains(operand)),
        "s==" => value == first,
        "s!=" => value != first,
        "s<" => value < first,
        "s<=" => value <= first,
        "s>" => value > first,
        "s>=" => value >= first,
        // `=` means "at least", for the sake of older flavors.
        "=" | ">=" => numbers(value, first, |value, operand| value >= operand),
        "<=" => numbers(value, first, |value, operand| value <= operand),
        "==" => numbers(value, first, |value, operand| value == operand),
        "!=" => numbers(value, first, |value, operand| value != operand),
        _ => value == wanted,
    }
}

fn is_operator(word: &str) -> bool {
    let operators = [
        "<or>", "<in>", "<all-in>", "s==", "s!=", "s<", "s<=", "s>", "s>=", "=", ">=", "<=", "==",
        "!=",
    ];
    operators.contains(&word)
}

/// Nova fails on what is no number, which ends the search for a host; here it does not match.
fn numbers(value: &str, operand: &str, compare: fn(f64, f64) -> bool) -> bool {
    match (value.parse(), operand.parse()) {
        (Ok(value), Ok(operand)) => compare(value, operand),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn every_operator() {
        for (value, wanted, expected) in [
            ("ssd", "ssd", true),
            ("ssd", "hdd", false),
            ("true", "True", false),
            ("two words", "two words", true),
            ("ssd", "<or> hdd <or> ssd", true),
            ("nvme", "<or> hdd <or> ssd", false),
            ("<or>", "<or> hdd <or> ssd", false),
            ("12311321", "<in> 11", true),
            ("aes mmx", "<all-in> aes mmx", true),
            ("mmx", "<all-in> aes mmx", false),
            ("ssd", "s== ssd", true),
            ("ssd", "s!= ssd", false),
            ("b", "s> a", true),
            ("b", "s>= b", true),
            ("b", "s< a", false),
            ("b", "s<= b", true),
            ("10", "= 9", true),
            ("8", "= 9", false),
            ("9.0", "== 9", true),
            ("9", "!= 9", false),
            ("10", ">= 9", true),
            ("10", "<= 9", false),
            ("many", ">= 9", false),
            ("=", "=", false),
            ("", "", true),
        ] {
            assert_eq!(matches(value, wanted), expected, "{value:?} {wanted:?}");
        }
    }
}
