//! How old the rows are that are on disk.

/// Rows of some ages on a day to come, in days. What is kept for a moment would drown where days
/// are subtracted from one another, so each end of the span is taken by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ages {
    horizon: f64,
    young: f64,
    old: f64,
}

/// From one whole day to another, and the share of it that counts.
pub(crate) type Stretch = (f64, f64, f64);

impl Ages {
    /// On a whole day, before which there are none.
    pub(crate) fn new(horizon: f64, young: f64, old: f64) -> Self {
        Self {
            horizon,
            young: young.min(horizon),
            old: old.min(horizon),
        }
    }

    /// The day on which the oldest came.
    pub(crate) fn from(self) -> f64 {
        self.horizon - self.old
    }

    /// The day on which the youngest came.
    pub(crate) fn to(self) -> f64 {
        self.horizon - self.young
    }

    /// In how many days they came.
    pub(crate) fn length(self) -> f64 {
        self.old - self.young
    }

    pub(crate) fn bits(self) -> [u64; 3] {
        [self.horizon, self.young, self.old].map(f64::to_bits)
    }

    /// The days in which they came: whole ones, and at either end a part of one.
    pub(crate) fn stretches(self) -> impl Iterator<Item = Stretch> {
        let Self { young, old, .. } = self;
        let (inner, outer) = (young.ceil(), old.floor());
        let all = match inner > outer {
            true => [
                (inner, outer, old - young),
                (0.0, 0.0, 0.0),
                (0.0, 0.0, 0.0),
            ],
            false => [
                (outer + 1.0, outer, old - outer),
                (outer, inner, 1.0),
                (inner, inner - 1.0, inner - young),
            ],
        };
        let all = all.into_iter();
        let some = all.filter(|(old, young, share)| old > young && *share > 0.0);
        some.map(move |(old, young, share)| (self.horizon - old, self.horizon - young, share))
    }
}
