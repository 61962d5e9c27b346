//! Figures, round by round, and how one contender's compare with another's.

use std::fmt;

/// What each round gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn median(&self) -> f64 {
        self.quarter(2)
    }

    /// Where so many quarters of the figures end, in their order. Between two figures it is as
    /// far from one to the next as the quarters say.
    fn quarter(&self, quarters: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else {
            return f64::NAN;
        };
        let place = last * quarters;
        let (below, above) = (sorted[place / 4], sorted[place.div_ceil(4)]);
        below + (above - below) * [0.0, 0.25, 0.5, 0.75][place % 4]
    }

    pub(crate) fn lowest(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn highest(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// These against others, round by round: what slowed a round down slowed both down.
    pub(crate) fn against(&self, others: &Self) -> Ratio {
        let pairs = self.0.iter().zip(&others.0);
        Ratio(Self(pairs.map(|(ours, theirs)| ours / theirs).collect()))
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

/// How many times as much, round by round.
#[derive(Clone, Debug)]
pub(crate) struct Ratio(Figures);

impl Ratio {
    pub(crate) fn median(&self) -> f64 {
        self.0.median()
    }

    /// From where to where the middle half of the rounds is.
    pub(crate) fn middle_half(&self) -> [f64; 2] {
        [1, 3].map(|quarters| self.0.quarter(quarters))
    }
}

/// The median, and from the lowest to the highest.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(figures) = self;
        write!(
            f,
            "{:.2} ({:.2} to {:.2})",
            figures.median(),
            figures.lowest(),
            figures.highest()
        )
    }
}

/// What comes after a figure: how many times as much it is as ours, or the spread of ours.
pub(crate) fn beside(is_ours: bool, figures: &Figures, ours: &Figures) -> String {
    if is_ours {
        let [low, high] = [ours.lowest(), ours.highest()].map(thousands);
        format!(" ({low} to {high})")
    } else {
        format!(", {}", figures.against(ours))
    }
}

/// A number with a comma between thousands.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
