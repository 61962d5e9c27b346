//! Statements that would change a connection behind the session layer's back.

use ports::DatabaseError;

/// What there is to know of a statement before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) effect: Effect,
    /// Whether it is a single query, as far as its beginning tells.
    pub(super) reads_only: bool,
}

/// What a statement does to the connection it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Nothing that outlives it.
    None,
    /// It leaves something behind that the next user of the connection would feel:
    /// a setting, a subscription, a temporary table. The connection is closed on return.
    Taints,
    /// It begins or ends a transaction.
    ControlsTransaction,
}

/// How nearly every statement begins.
const HARMLESS: [&str; 4] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];

/// Looks at a statement or a script. Prepared text is looked at in the same way: SQLite
/// runs all that is in it.
pub(super) fn look(sql: &str) -> Look {
    let begins = |word: &str| sql.get(..word.len()).is_some_and(|start| is(start, word));
    let single = !sql.contains(';');
    let harmless = single && sql.get(..7).is_some_and(|start| HARMLESS.contains(&start));
    Look {
        effect: if harmless { Effect::None } else { effect(sql) },
        reads_only: single && (begins("SELECT ") || begins("SHOW ") || begins("EXPLAIN ")),
    }
}

/// What the statement, or the worst statement of a script, does to its connection.
fn effect(sql: &str) -> Effect {
    let mut worst = Effect::None;
    let mut in_body = false;
    for words in statements(sql) {
        let first = words.first().copied().unwrap_or_default();
        if in_body {
            in_body = !is(first, "END");
        } else {
            worst = worst.max(effect_of_one(&words));
            // The body of a trigger or of a procedure: its END ends no transaction.
            in_body = is(first, "CREATE") && words.iter().any(|word| is(word, "BEGIN"));
        }
    }
    worst
}

/// The refusal of a statement that controls the transaction.
pub(super) fn refusal() -> DatabaseError {
    DatabaseError::invalid_query(
        "a statement begins or ends a transaction by itself: that is the unit of work's \
         part; use atomic, or begin() of the session",
    )
}

fn effect_of_one(words: &[&str]) -> Effect {
    let word = |at: usize| {
        let word = words.get(at).copied().unwrap_or_default();
        word.to_ascii_uppercase()
    };
    match word(0).as_str() {
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => {
            Effect::ControlsTransaction
        }
        "PREPARE" if word(1) == "TRANSACTION" => Effect::ControlsTransaction,
        "SET" => match word(1).as_str() {
            "LOCAL" | "TRANSACTION" | "CONSTRAINTS" => Effect::None,
            _ => Effect::Taints,
        },
        "CREATE" if is_temporary(words) => Effect::Taints,
        // What a block or a procedure does is not to be seen from here.
        "DO" | "CALL" | "RESET" | "DISCARD" | "LISTEN" | "UNLISTEN" | "PREPARE" | "DEALLOCATE"
        | "LOAD" | "DECLARE" | "PRAGMA" | "ATTACH" | "DETACH" => Effect::Taints,
        _ => Effect::None,
    }
}

/// What follows CREATE, with `OR REPLACE` and the noise words before TEMP.
fn is_temporary(words: &[&str]) -> bool {
    let noise = ["CREATE", "OR", "REPLACE", "LOCAL", "GLOBAL"];
    let mut words = words.iter();
    let telling = words.find(|word| !noise.iter().any(|noise| is(word, noise)));
    telling.is_some_and(|word| is(word, "TEMP") || is(word, "TEMPORARY"))
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

/// The words of each statement, split at semicolons, past quotes and comments.
fn statements(sql: &str) -> Vec<Vec<&str>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let length = word(rest);
        if rest.starts_with(';') {
            all.push(Vec::new());
            at += 1;
        } else if length > 0 {
            let (found, after) = rest.split_at(length);
            // An E before a quote lets a backslash hide the quotes in it.
            let escapes = is(found, "E") && after.starts_with('\'');
            at += length
                + if escapes {
                    single_quoted(after, true)
                } else {
                    0
                };
            if let Some(statement) = all.last_mut().filter(|_| !escapes) {
                statement.push(found);
            }
        } else {
            at += quoted(rest)
                .or_else(|| comment(rest))
                .unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    all
}

/// The length of the word that the text begins with. A `$` goes on with a word, and
/// begins none.
fn word(sql: &str) -> usize {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    if !sql.starts_with(inside) {
        return 0;
    }
    sql.find(|c| !inside(c) && c != '$').unwrap_or(sql.len())
}

/// The length of the comment that the text begins with. Block comments nest.
fn comment(sql: &str) -> Option<usize> {
    if sql.starts_with("--") {
        return Some(sql.find('\n').map_or(sql.len(), |end| end + 1));
    }
    if !sql.starts_with("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(sql.len())
}

/// The length of the quoted text that the text begins with.
fn quoted(sql: &str) -> Option<usize> {
    match sql.chars().next()? {
        '\'' => Some(single_quoted(sql, false)),
        '"' => {
            let end = sql.get(1..)?.find('"');
            Some(end.map_or(sql.len(), |end| end + 2))
        }
        '$' => dollar_quoted(sql),
        _ => None,
    }
}

/// The length of `'..'`. A doubled quote is a quote in it.
fn single_quoted(sql: &str, escapes: bool) -> usize {
    let mut characters = sql.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' if escapes => drop(characters.next()),
            '\'' if characters.next_if(|(_, next)| *next == '\'').is_none() => return at + 1,
            _ => {}
        }
    }
    sql.len()
}

/// The length of `$tag$..$tag$`.
fn dollar_quoted(sql: &str) -> Option<usize> {
    let tag_end = sql.get(1..)?.find('$')? + 2;
    let tag = sql.get(..tag_end)?;
    let name = tag.get(1..tag_end - 1)?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = sql.get(tag_end..)?.find(tag);
    Some(end.map_or(sql.len(), |end| tag_end + end + tag_end))
}

#[cfg(test)]
mod tests;
