//! What is wrong with a TOML file, in one line, and without the picture of the text: there may be a secret in it.

use super::known::nearest;

/// What is wrong, and in which line.
pub(crate) fn wrong_toml(error: &toml::de::Error, text: &str) -> String {
    let problem = match unknown_key(error.message()) {
        Some((key, known)) => {
            let meant = nearest(key, known.into_iter());
            let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
            format!("there is a key '{key}', which Fermata does not know{meant}")
        }
        None => error.message().lines().map(str::trim).collect::<Vec<_>>().join(", "),
    };
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {problem}", before.matches('\n').count() + 1),
        None => problem,
    }
}

/// The key that is not known and those that are, of "unknown field `hots`, expected one of `host`, `name`".
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "tokens")]
        _tokens: Option<Vec<String>>,
    }

    fn wrong(text: &str) -> String {
        let error = toml::from_str::<BTreeMap<String, Vec<Entry>>>(text).unwrap_err();
        wrong_toml(&error, text)
    }

    #[test]
    fn item_13_an_unknown_key_is_told_with_its_line_and_the_nearest_name() {
        assert_eq!(
            wrong("[[entry]]\nname = \"a\"\ntokns = [\"secret\"]\n"),
            "line 3: there is a key 'tokns', which Fermata does not know; did you mean tokens?"
        );
        let far = wrong("[[entry]]\nname = \"a\"\nxyz = 1\n");
        assert_eq!(far, "line 3: there is a key 'xyz', which Fermata does not know");
    }

    #[test]
    fn what_is_no_toml_is_told_in_one_line() {
        let told = wrong("[[entry]]\nname = \"a\n");
        assert!(told.starts_with("line 2: ") && told.lines().count() == 1, "{told}");
    }
}
