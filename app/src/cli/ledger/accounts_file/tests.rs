//! What is read of a file, and what is told of the rest.

use proptest::prelude::*;

use super::*;

fn message(bytes: &[u8]) -> String {
    let error = AccountsFile::read(bytes).map(drop).err();
    error.map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn columns_may_be_in_any_order_after_a_byte_order_mark() -> Result<(), FileError> {
    let text = "\u{feff}currency, opening_balance ,owner\nEUR, 500 ,\"Lovelace, Ada\"\n";
    let file = AccountsFile::read(text.as_bytes())?;
    let row = file
        .rows
        .first()
        .map(|row| (row.line, row.account.owner.as_str()));
    assert_eq!(row, Some((2, "Lovelace, Ada")));
    Ok(())
}

#[test]
fn every_bad_row_is_told_with_all_that_is_wrong_with_it() -> Result<(), FileError> {
    let text = "owner,currency,opening_balance\nAda,EUR,1\n,eur,1.5\n\nBob,EUR\n";
    let file = AccountsFile::read(text.as_bytes())?;
    let bad: Vec<_> = file
        .bad
        .iter()
        .map(|row| (row.line, row.reason.as_str()))
        .collect();
    assert_eq!(file.rows.len(), 1);
    assert_eq!(
        bad,
        [
            (
                3,
                "the owner is blank; it must have from 1 to 200 characters; currency \"eur\" \
                 is not an ISO 4217 code; it must be exactly three upper-case letters, such \
                 as EUR; the opening balance \"1.5\" is not a whole number of minor units"
            ),
            (5, "there are 2 values, where 3 are needed"),
        ]
    );
    Ok(())
}

#[test]
fn what_is_misquoted_is_a_bad_row() -> Result<(), FileError> {
    let misquoted = "there is text after a closing quote";
    for (owner, reason) in [
        (r#""Ada" Lovelace"#, Some(misquoted)),
        (r#""Ada""Lovelace"#, Some("a quote is not closed")),
        (r#""Ada" "Lovelace""#, Some(misquoted)),
        (r#""Ada "" Lovelace""#, None),
        (r#""Ada"  "#, None),
        (r#"Ada "Countess" Lovelace"#, None),
        (r#""Lovelace, Ada""#, None),
    ] {
        let text = format!("owner,currency,opening_balance\n\n{owner},EUR,1\nBob,EUR,2\n");
        let file = AccountsFile::read(text.as_bytes())?;
        let found = file.bad.first().map(|row| (row.line, row.reason.as_str()));
        assert_eq!(found, reason.map(|reason| (3, reason)), "{owner}");
        let others = file.rows.last().map(|row| row.account.owner.as_str());
        let swallowed = reason == Some("a quote is not closed");
        assert_eq!(others, (!swallowed).then_some("Bob"), "{owner}");
    }
    Ok(())
}

#[test]
fn a_file_that_is_none_of_accounts_is_refused_in_one_line() {
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"owner,currency\n", "there is no column opening_balance"),
        (
            b"owner;currency;opening_balance\n",
            "there is a column \"owner;currency;",
        ),
        (
            b"owner,owner,currency,opening_balance\n",
            "a column is there twice",
        ),
        (
            b"owner,currency,opening_balance\nJos\xe9,EUR,1\n",
            "line 2 is not UTF-8",
        ),
        (b"\xff\xfeo\0w\0n\0", "line 1 is not UTF-8"),
    ] {
        let message = message(bytes);
        assert!(message.contains(expected), "{bytes:?}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

/// A record, how many lines it takes, and whether it is an account.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    is_good: bool,
}

fn written() -> impl Strategy<Value = Written> {
    let good = ("[A-Za-zé][A-Za-zé ,;]{0,8}", 0_i64..100, any::<bool>()).prop_map(
        |(owner, balance, is_quoted)| Written {
            // A quoted owner may have anything in it but a control character.
            text: if is_quoted {
                format!("\"{owner}\",EUR,{balance}")
            } else {
                format!("{},EUR,{balance}", owner.replace(',', ""))
            },
            is_good: true,
        },
    );
    let bad = prop::sample::select(vec![
        "Ada,EUR",
        "Ada,EUR,1,2",
        ",EUR,1",
        "Ada,eur,1",
        "Ada,EUR,1.5",
        "\"Ada\"x,EUR,1",
        "\"two\nlines\",EUR,1",
        "\"two\r\nlines\",EUR,1",
    ]);
    let bad = bad.prop_map(|text| Written {
        text: text.to_owned(),
        is_good: false,
    });
    prop_oneof![2 => good, 1 => bad]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_file_or_refused_in_one_line(
        bytes in any::<Vec<u8>>(), text in "[\",\n\r a-z0-9é]{0,60}",
    ) {
        let header = b"owner,currency,opening_balance\n";
        for bytes in [bytes.clone(), [header, bytes.as_slice()].concat(), [header, text.as_bytes()].concat()] {
            let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
            match AccountsFile::read(bytes.as_slice()) {
                Ok(file) => {
                    let all = file.rows.iter().map(|row| row.line);
                    let mut all: Vec<_> = all.chain(file.bad.iter().map(|row| row.line)).collect();
                    all.sort_unstable();
                    prop_assert!(all.iter().all(|line| (1..=lines).contains(line)), "{:?}", all);
                    let told: Vec<_> = file.bad.iter().map(|row| &row.reason).collect();
                    prop_assert!(told.iter().all(|reason| !reason.is_empty()));
                }
                Err(error) => {
                    let told = error.to_string();
                    prop_assert!(!told.contains('\n'), "{}", told);
                }
            }
        }
    }

    #[test]
    fn every_record_is_told_by_the_line_on_which_it_begins(
        records in prop::collection::vec((written(), 0_usize..3), 0..12),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = format!("owner,currency,opening_balance{end}");
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (record, blank) in &records {
            text.push_str(&end.repeat(*blank));
            let line = text.matches('\n').count() as u64 + 1;
            if record.is_good { good.push(line) } else { bad.push(line) }
            text.push_str(&record.text);
            text.push_str(end);
        }
        let file = AccountsFile::read(text.as_bytes()).unwrap();
        let lines: Vec<_> = file.rows.iter().map(|row| row.line).collect();
        prop_assert_eq!(lines, good, "{:?}", text);
        let lines: Vec<_> = file.bad.iter().map(|row| row.line).collect();
        prop_assert_eq!(lines, bad, "{:?}", text);
    }
}
