//! Conditions on fields.

use crate::Value;

/// One condition on one field. A list of filters holds where all of them hold.
///
/// ```
/// use ports::Filter;
///
/// enum InvoiceField {
///     Amount,
///     Currency,
/// }
///
/// let large = Filter::greater_than_or_equal(InvoiceField::Amount, 1_000_000);
/// let euro = Filter::equal(InvoiceField::Currency, "EUR");
/// # let _ = [large, euro];
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Filter<F> {
    /// The field.
    pub field: F,
    /// What must hold for it.
    pub condition: Condition,
}

/// What a filter asks of its field.
///
/// As in SQL, a field without a value meets none of these but `IsNull`.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field is this.
    Equal(Value),
    /// The field has a value, and it is not this.
    NotEqual(Value),
    /// The field is less than this.
    LessThan(Value),
    /// The field is this or less.
    LessThanOrEqual(Value),
    /// The field is greater than this.
    GreaterThan(Value),
    /// The field is this or greater.
    GreaterThanOrEqual(Value),
    /// The field is one of these. An empty list matches nothing.
    InList(Vec<Value>),
    /// The field has a value, and it is none of these.
    NotInList(Vec<Value>),
    /// The field matches this pattern: `%` is any text, `_` any character, `\`
    /// takes the meaning off the character that follows.
    Like(String),
    /// As `Like`, whatever the case of letters (of ASCII letters on SQLite).
    ILike(String),
    /// The field begins with this text, taken literally.
    StartsWith(String),
    /// The field ends with this text, taken literally.
    EndsWith(String),
    /// The field has this text somewhere, taken literally.
    Contains(String),
    /// The field has no value.
    IsNull,
    /// The field has a value.
    IsNotNull,
}

/// One constructor for each condition.
impl<F> Filter<F> {
    /// This field under this condition.
    pub const fn new(field: F, condition: Condition) -> Self {
        Self { field, condition }
    }

    /// See [`Condition::Equal`].
    pub fn equal(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::Equal(value.into()))
    }

    /// See [`Condition::NotEqual`].
    pub fn not_equal(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::NotEqual(value.into()))
    }

    /// See [`Condition::LessThan`].
    pub fn less_than(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::LessThan(value.into()))
    }

    /// See [`Condition::LessThanOrEqual`].
    pub fn less_than_or_equal(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::LessThanOrEqual(value.into()))
    }

    /// See [`Condition::GreaterThan`].
    pub fn greater_than(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::GreaterThan(value.into()))
    }

    /// See [`Condition::GreaterThanOrEqual`].
    pub fn greater_than_or_equal(field: F, value: impl Into<Value>) -> Self {
        Self::new(field, Condition::GreaterThanOrEqual(value.into()))
    }

    /// See [`Condition::InList`].
    pub fn in_list<V: Into<Value>>(field: F, values: impl IntoIterator<Item = V>) -> Self {
        Self::new(
            field,
            Condition::InList(values.into_iter().map(Into::into).collect()),
        )
    }

    /// See [`Condition::NotInList`].
    pub fn not_in_list<V: Into<Value>>(field: F, values: impl IntoIterator<Item = V>) -> Self {
        Self::new(
            field,
            Condition::NotInList(values.into_iter().map(Into::into).collect()),
        )
    }

    /// See [`Condition::Like`].
    pub fn like(field: F, pattern: impl Into<String>) -> Self {
        Self::new(field, Condition::Like(pattern.into()))
    }

    /// See [`Condition::ILike`].
    pub fn ilike(field: F, pattern: impl Into<String>) -> Self {
        Self::new(field, Condition::ILike(pattern.into()))
    }

    /// See [`Condition::StartsWith`].
    pub fn starts_with(field: F, text: impl Into<String>) -> Self {
        Self::new(field, Condition::StartsWith(text.into()))
    }

    /// See [`Condition::EndsWith`].
    pub fn ends_with(field: F, text: impl Into<String>) -> Self {
        Self::new(field, Condition::EndsWith(text.into()))
    }

    /// See [`Condition::Contains`].
    pub fn contains(field: F, text: impl Into<String>) -> Self {
        Self::new(field, Condition::Contains(text.into()))
    }

    /// See [`Condition::IsNull`].
    pub const fn is_null(field: F) -> Self {
        Self::new(field, Condition::IsNull)
    }

    /// See [`Condition::IsNotNull`].
    pub const fn is_not_null(field: F) -> Self {
        Self::new(field, Condition::IsNotNull)
    }

    /// The same condition on another name for the field: how an adapter turns an
    /// aggregate's field into its column.
    pub fn map<G>(self, rename: impl FnOnce(F) -> G) -> Filter<G> {
        Filter::new(rename(self.field), self.condition)
    }
}
