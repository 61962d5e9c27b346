//! What a client sent, cut short enough to repeat in an error.

const MAX_CHARS: usize = 20;

/// The first characters of `given`, with an ellipsis when there were more.
///
/// Control characters are kept; errors quote the excerpt with `{:?}`, which escapes them.
pub(crate) fn excerpt(given: &str) -> String {
    let mut chars = given.chars();
    let mut kept: String = chars.by_ref().take(MAX_CHARS).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_repeated_whole() {
        assert_eq!(excerpt("euro"), "euro");
        assert_eq!(excerpt(&"x".repeat(MAX_CHARS)), "x".repeat(MAX_CHARS));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = excerpt(&"ß".repeat(1_000_000));
        assert_eq!(cut, format!("{}…", "ß".repeat(MAX_CHARS)));
    }
}
