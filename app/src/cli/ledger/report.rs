//! What the accounts hold, as a table.

use std::collections::BTreeMap;

use domain::Currency;
use indicatif::ProgressBar;
use ports::{SessionManager, blocking::BlockOn as _};
use serde::Serialize;

use super::Format;
use crate::{
    bootstrap::Job,
    cli::Failure,
    http::chain,
    services::{AccountServiceError, Reach, Services, Totals},
};

const TITLES: [&str; 4] = ["currency", "active", "frozen", "sum"];

/// Adds up all accounts, as of one moment.
pub struct Report {
    /// Told of every account that was looked at.
    pub progress: ProgressBar,
}

impl Job for Report {
    type Output = Result<BTreeMap<Currency, Totals>, Failure>;

    fn run<M: SessionManager>(self, manager: &M, services: &Services) -> Self::Output {
        let added_up = async {
            self.progress
                .set_length(services.accounts.count(&Reach::Everything).await?);
            let seen = |more| self.progress.inc(more);
            services.accounts.totals(&Reach::Everything, seen).await
        };
        let totals: Result<_, AccountServiceError> = manager.block_on(added_up)?;
        totals.map_err(|error| Failure::new(chain(&error)))
    }
}

/// The report as text, ending in a line's end.
pub fn render(totals: &BTreeMap<Currency, Totals>, format: Format) -> String {
    match format {
        Format::Text => table(totals),
        Format::Csv => {
            let rows = totals.iter().map(|(currency, total)| {
                let Totals {
                    active,
                    frozen,
                    sum,
                } = total;
                format!("{currency},{active},{frozen},{sum}\n")
            });
            rows.fold(TITLES.join(",") + "\n", |text, row| text + &row)
        }
        Format::Json => {
            let rows = totals.iter().map(|(currency, total)| Line {
                currency: currency.code(),
                active: total.active,
                frozen: total.frozen,
                sum: total.sum,
            });
            let text = serde_json::to_string_pretty(&rows.collect::<Vec<_>>());
            // Texts and numbers are always JSON.
            text.unwrap_or_default() + "\n"
        }
    }
}

/// Not a [`serde_json::Value`]: its numbers end where those of 64 bits do.
#[derive(Serialize)]
struct Line {
    currency: &'static str,
    active: u64,
    frozen: u64,
    sum: i128,
}

/// Numbers stand right, under each other.
fn table(totals: &BTreeMap<Currency, Totals>) -> String {
    let mut rows = vec![TITLES.map(str::to_owned)];
    rows.extend(totals.iter().map(|(currency, total)| {
        let (active, frozen) = (total.active.to_string(), total.frozen.to_string());
        [
            currency.to_string(),
            active,
            frozen,
            amount(total.sum, *currency),
        ]
    }));
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let [first, second, third, last] = widths;
    rows.iter()
        .fold(String::new(), |text, [currency, active, frozen, sum]| {
            text + &format!(
                "{currency:first$}  {active:>second$}  {frozen:>third$}  {sum:>last$}\n"
            )
        })
}

/// As [`Money`](domain::Money) is shown, for sums that it can not hold.
fn amount(minor: i128, currency: Currency) -> String {
    let digits = usize::from(currency.minor_units());
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    match text.split_at(text.len() - digits) {
        (major, "") => format!("{sign}{major} {currency}"),
        (major, minor) => format!("{sign}{major}.{minor} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::CurrencyError;
    use serde_json::json;

    use super::*;

    fn totals() -> Result<BTreeMap<Currency, Totals>, CurrencyError> {
        let total = |code, active, sum| -> Result<_, CurrencyError> {
            Ok((
                Currency::new(code)?,
                Totals {
                    active,
                    frozen: 1,
                    sum,
                },
            ))
        };
        [total("EUR", 12, 123_456), total("JPY", 1, 7)]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_table_is_aligned() -> Result<(), CurrencyError> {
        assert_eq!(
            render(&totals()?, Format::Text),
            "currency  active  frozen          sum\n\
             EUR           12       1  1234.56 EUR\n\
             JPY            1       1        7 JPY\n"
        );
        Ok(())
    }

    #[test]
    fn sums_may_be_greater_than_any_balance() -> Result<(), CurrencyError> {
        let sum = 2 * i128::from(i64::MAX);
        let totals = Totals {
            active: 2,
            frozen: 0,
            sum,
        };
        let totals = BTreeMap::from([(Currency::new("EUR")?, totals)]);
        for (format, shown) in [
            (Format::Text, "184467440737095516.14 EUR"),
            (Format::Csv, "EUR,2,0,18446744073709551614\n"),
            (Format::Json, "\"sum\": 18446744073709551614\n"),
        ] {
            let text = render(&totals, format);
            assert!(text.contains(shown), "{text}");
        }
        Ok(())
    }

    #[test]
    fn amounts_are_shown_as_money_is() -> Result<(), CurrencyError> {
        for code in ["EUR", "JPY", "KWD"] {
            let currency = Currency::new(code)?;
            for minor in [i64::MIN, -100, -5, 0, 7, 99, 1234, i64::MAX] {
                let expected = domain::Money::new(minor, currency).to_string();
                assert_eq!(amount(minor.into(), currency), expected);
            }
        }
        Ok(())
    }

    #[test]
    fn programs_get_minor_units() -> Result<(), CurrencyError> {
        let csv = render(&totals()?, Format::Csv);
        assert_eq!(
            csv,
            "currency,active,frozen,sum\nEUR,12,1,123456\nJPY,1,1,7\n"
        );
        let json: serde_json::Value =
            serde_json::from_str(&render(&totals()?, Format::Json)).unwrap_or_default();
        assert_eq!(json.pointer("/0/sum"), Some(&json!(123_456)));
        Ok(())
    }
}
