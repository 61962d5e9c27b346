//! What the texts of the sample are made of, for the document.

use std::ops::RangeInclusive;

use domain::{AccountStatus, Currency, Owner};
use utoipa::openapi::{ObjectBuilder, schema::Type};

use super::openapi::named::{CONTROL, line, named, text};

/// What is trimmed off: Unicode's white space, as a part of a class of a pattern. Written out,
/// since `\s` is not the same to every reader of patterns.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

named! {
    /// The name of an owner: a line of text.
    OwnerName as "Owner" = owner("", &format!("[{}]?", class(&[Owner::JOINERS]))).min_length(Some(1)).max_length(Some(Owner::MAX_CHARS));
    /// The name of an owner: a line of text of up to 200 characters, once white space at both
    /// ends is trimmed off, without characters that can not be seen. Joiners are allowed where a
    /// script needs them.
    GivenOwnerName as "GivenOwner" = owner(&format!("[{BLANK}]*"), "");
    /// A currency on the active list of ISO 4217 that has a minor unit.
    CurrencyCode as "Currency" = one_of(Currency::all().map(|currency| currency.code()));
    /// Where an account is in its life.
    StatusName as "AccountStatus" = one_of(AccountStatus::ALL.map(AccountStatus::as_str));
}

/// A part of an owner's name, or nothing.
pub(super) fn part_of_owner() -> ObjectBuilder {
    line().max_length(Some(Owner::MAX_CHARS))
}

/// `joined` may follow on each character but the last.
fn owner(around: &str, joined: &str) -> ObjectBuilder {
    let unseen = class(&Owner::INVISIBLE);
    let seen = format!("[^{BLANK}{CONTROL}{unseen}]");
    let between = Owner::MAX_CHARS - 2;
    let name = format!("{seen}({joined}([^{CONTROL}{unseen}]{joined}){{0,{between}}}{seen})?");
    text(format!("^{around}{name}{around}$")).examples(["Ada Lovelace"])
}

/// These characters, as a part of a class of a pattern.
fn class(ranges: &[RangeInclusive<char>]) -> String {
    let bounds = ranges.iter().map(|range| [*range.start(), *range.end()]);
    let written = bounds.map(|bounds| bounds.map(escaped).join("-"));
    written.collect()
}

/// By its number, as far as every reader of patterns understands that.
fn escaped(char: char) -> String {
    match u32::from(char) {
        code if code <= 0xffff => format!("\\u{code:04x}"),
        _ => char.to_string(),
    }
}

fn one_of(values: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(values))
}
