//! What a list of accounts is asked for in a query string.

use domain::{AccountStatus, Currency, Owner};
use ports::{AccountField, Filter, PageRequest, Sort};

use utoipa::{
    IntoParams, PartialSchema as _,
    openapi::path::{Parameter, ParameterIn},
};

use crate::http::{
    ledger_schemas::{CurrencyCode, GivenOwnerName, StatusName, part_of_owner},
    openapi::{query, reference},
    page::{self, BY_KEY, BY_NUMBER},
    parameters::Parameters,
    problem::Problem,
};

/// What `GET /v1/accounts` takes, beside the page.
const PARAMETERS: [&str; 7] = [
    "owner",
    "currency",
    "status",
    "balance_gte",
    "balance_lte",
    "q",
    "sort",
];

const SORTS: &[(&str, AccountField)] = &[
    ("id", AccountField::Id),
    ("owner", AccountField::Owner),
    ("currency", AccountField::Currency),
    ("balance", AccountField::Balance),
    ("status", AccountField::Status),
    ("created_at", AccountField::CreatedAt),
    ("updated_at", AccountField::UpdatedAt),
];

/// Which accounts are asked for, in which order, and which part of them.
pub(super) struct AccountQuery {
    pub(super) filters: Vec<Filter<AccountField>>,
    pub(super) sort: Vec<Sort<AccountField>>,
    pub(super) page: PageRequest,
}

impl IntoParams for AccountQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let [owner, currency, status, at_least, at_most, q, _] = PARAMETERS;
        let filters = [
            query(owner, "Whose accounts.", reference::<GivenOwnerName>()),
            query(currency, "In which currency.", reference::<CurrencyCode>()),
            query(
                status,
                "In which state. Closed accounts are not listed.",
                reference::<StatusName>(),
            ),
            query(
                at_least,
                "The least balance, in minor units.",
                i64::schema(),
            ),
            query(
                at_most,
                "The greatest balance, in minor units.",
                i64::schema(),
            ),
            query(
                q,
                "What the name of the owner has somewhere, in either case.",
                part_of_owner(),
            ),
        ];
        let order = page::sort_parameter(SORTS);
        let pages = page::keyed_parameters()
            .into_iter()
            .chain(page::numbered_parameters());
        filters.into_iter().chain([order]).chain(pages).collect()
    }
}

impl AccountQuery {
    pub(super) fn parse(mut parameters: Parameters) -> Result<Self, Problem> {
        let known = [PARAMETERS.as_slice(), &BY_KEY, &BY_NUMBER].concat();
        parameters.allow(&known);
        let filters = filters(&mut parameters);
        let sort = page::sort(&mut parameters, SORTS);
        let page = page::request(&mut parameters);
        parameters.finish(page).map(|page| Self {
            filters,
            sort,
            page,
        })
    }
}

fn filters(parameters: &mut Parameters) -> Vec<Filter<AccountField>> {
    let owner = parameters.read("owner", |name| Owner::new(name));
    let currency: Option<Currency> = parameters.value("currency");
    let status: Option<AccountStatus> = parameters.value("status");
    let at_least: Option<i64> = parameters.value("balance_gte");
    let at_most: Option<i64> = parameters.value("balance_lte");
    // No owner is longer, and databases have limits for patterns.
    let text = parameters.text_up_to(Owner::MAX_CHARS, "q");
    let text = text.filter(|text| !text.is_empty());
    let filters = [
        owner.map(|owner| Filter::equal(AccountField::Owner, owner.as_str())),
        currency.map(|currency| Filter::equal(AccountField::Currency, currency.code())),
        status.map(|status| Filter::equal(AccountField::Status, status.as_str())),
        at_least.map(|minor| Filter::greater_than_or_equal(AccountField::Balance, minor)),
        at_most.map(|minor| Filter::less_than_or_equal(AccountField::Balance, minor)),
        text.map(|text| Filter::ilike(AccountField::Owner, anywhere(&text))),
    ];
    filters.into_iter().flatten().collect()
}

/// The pattern of what has this text somewhere, taken literally.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for char in text.chars() {
        if matches!(char, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use axum::{extract::FromRequestParts as _, http::Request};
    use futures_util::FutureExt as _;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    /// `None` for what is no URI.
    fn parse(query: &str) -> Option<Result<AccountQuery, Problem>> {
        let request = Request::builder().uri(format!("/v1/accounts?{query}"));
        let (mut parts, ()) = request.body(()).ok()?.into_parts();
        let parameters = Parameters::from_request_parts(&mut parts, &()).now_or_never()?;
        Some(parameters.and_then(AccountQuery::parse))
    }

    fn encoded(text: &str) -> String {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }

    fn name() -> impl Strategy<Value = String> {
        let known = PARAMETERS.into_iter().chain(BY_KEY).chain(BY_NUMBER);
        let known: Vec<_> = known.map(str::to_owned).collect();
        prop_oneof![9 => prop::sample::select(known), 1 => any::<String>()]
    }

    fn value() -> impl Strategy<Value = String> {
        let telling = [
            "EUR",
            "active",
            "owner,-balance",
            "-id",
            "1",
            "20",
            "100",
            "-5",
            "%",
            "\\",
        ];
        prop_oneof![
            prop::sample::select(telling.to_vec()).prop_map(str::to_owned),
            any::<String>(),
            any::<i64>().prop_map(|number| number.to_string()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_query_is_parsed_or_refused(
            raw in "[ -~]{0,60}",
            pairs in prop::collection::vec((name(), value()), 0..6),
        ) {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
                .collect();
            for query in [raw, pairs.join("&")] {
                if let Some(Ok(parsed)) = parse(&query) {
                    prop_assert!((1..=100).contains(&parsed.page.size()), "{}", query);
                    prop_assert!(parsed.filters.len() <= 6);
                }
            }
        }

        #[test]
        fn what_is_asked_for_is_what_is_looked_for(
            owner in prop::option::of("[a-zA-Zé%_]{1,20}"),
            least in any::<i64>(),
            keys in prop::sample::subsequence(SORTS.to_vec(), 0..=SORTS.len()).prop_shuffle(),
            descending in any::<bool>(),
            limit in 1_u64..=100,
        ) {
            let names: Vec<_> = keys
                .iter()
                .map(|(name, _)| if descending { format!("-{name}") } else { (*name).to_owned() })
                .collect();
            let mut query = format!("balance_gte={least}&limit={limit}");
            let mut filters = vec![Filter::greater_than_or_equal(AccountField::Balance, least)];
            if !names.is_empty() {
                query.extend(["&sort=", &names.join(",")]);
            }
            if let Some(owner) = &owner {
                query.extend(["&owner=", &encoded(owner)]);
                filters.insert(0, Filter::equal(AccountField::Owner, owner.as_str()));
            }
            let make = if descending { Sort::descending } else { Sort::ascending };
            let sort: Vec<_> = keys.iter().map(|(_, field)| make(*field)).collect();
            let Some(Ok(parsed)) = parse(&query) else { panic!("{query} is refused") };
            prop_assert_eq!(parsed.filters, filters);
            prop_assert_eq!(parsed.sort, sort);
            prop_assert_eq!(parsed.page, PageRequest::first(limit).unwrap());
        }
    }
}
