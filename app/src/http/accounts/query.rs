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
