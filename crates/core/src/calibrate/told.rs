//! What has to be said of what was left out.

use crate::analysis::Project;
use crate::calibrate::errors::{Days, Errors};
use crate::calibrate::lines::Observed;
use crate::calibrate::rates::{Occurring, Rates, is_derived, measured_by};
use crate::calibrate::series::Measured;
use crate::calibrate::values::{Of, path_of};
use crate::calibrate::{Calibrated, ENOUGH_DAYS, has_drifted};
use crate::model::Timing;
use crate::words::number::{self, plural};

pub(crate) fn notes(
    project: &Project,
    calibrated: &Calibrated<'_>,
    errors: &[Vec<Errors>],
    measured: &Measured,
) -> Vec<String> {
    let negative = measured.0.iter();
    let negative = negative.filter(|(_, series)| series.days.values().sum::<f64>() < 0.0);
    let mut notes: Vec<String> = negative
        .map(|((path, unit), _)| below_nothing(path, unit))
        .collect();
    notes.sort();
    for (line, errors) in calibrated.lines.iter().zip(errors) {
        notes.extend(line_notes(line, errors));
    }
    let tenants = &project.declarations.root.tenants;
    let counted = calibrated
        .found
        .iter()
        .filter(|found| found.of == Of::Population);
    for found in counted {
        let [table, name, ..] = &found.path.0[..] else {
            continue;
        };
        let tier = tenants.get(name).filter(|_| table == "tenants");
        if tier.is_some_and(|tier| tier.points.len() > 1 || tier.growth.is_some()) {
            let path = path_of(&["tenants", name]);
            notes.push(format!(
                "`{path}` is projected: check whether the projection still holds"
            ));
        }
    }
    notes.extend(calibrated.notes.iter().cloned());
    notes
}

/// Of corrections that take away more than there was.
pub(crate) fn below_nothing(path: &str, unit: &str) -> String {
    format!("the rows of `{path}` in `{unit}` add up to less than 0; counted as 0")
}

fn line_notes(line: &Observed<'_>, errors: &[Errors]) -> Option<String> {
    let (judged, errors) = (line.units.first()?, errors.first()?);
    let days = judged.days.len();
    let path = &line.path;
    if days < ENOUGH_DAYS {
        let days = plural(days, "day");
        return Some(format!(
            "`{path}` has rows for {days}; at least {ENOUGH_DAYS} are needed"
        ));
    }
    let missing = missing(judged.days);
    if missing > 0 {
        let missing = plural(missing, "day");
        let blocks = match errors.gaps {
            0 => String::new(),
            gaps => format!(", and {} of 7 days with them", plural(gaps, "block")),
        };
        return Some(format!(
            "`{path}` has no rows on {missing} between its first and its last; they are left out{blocks} (`--gaps-are-zero` counts them as 0)"
        ));
    }
    (errors.blocks == 0 && judged.forecast.is_some()).then(|| {
        format!(
            "`{path}` has no whole block of 7 days that ends with the window, so it is measured but \
             not judged: end the window after its last row with `--to`"
        )
    })
}

/// How many days are missing between the first and the last.
fn missing(days: &Days) -> usize {
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return 0;
    };
    let span = usize::try_from(last.days_since(*first)).unwrap_or(0) + 1;
    span.saturating_sub(days.len())
}

/// Why it can't be told how often a line of which enough was measured occurs; or that its cache
/// lets more or less pass than its `ttl` says.
pub(crate) fn unfound(
    line: &Observed<'_>,
    of: Option<Occurring>,
    (rates, drift): (&mut Rates<'_>, f64),
) -> Option<String> {
    let (path, of) = (
        &line.path,
        match of {
            Some(of) => of,
            None => {
                let (unit, _) = measured_by(line)?;
                return is_derived(line).then(|| {
                    format!(
                        "no rate of `{}` gives its measured `{unit}`: its cache lets less pass; \
                     measure `occurrences`, or declare its `hit_ratio`",
                        line.path
                    )
                });
            }
        },
    );
    if of.fanout.is_none() && matches!(line.line.timing, Timing::After { .. }) {
        return Some(format!(
            "the `fanout` of `{path}` was not measured: too little was of the line that it follows"
        ));
    }
    let passed = line.quotient("reached", "occurrences")?;
    let flow = rates.flow(&line.feature.name, line.index, of.per_member)?;
    let expected = rates.point(flow.asked.passes);
    let is_off = expected <= 0.0 || has_drifted(passed / expected, drift);
    (is_derived(line) && is_off).then(|| {
        let [hits, by_ttl] = [passed, expected].map(|it| number::share(Some(1.0 - it)));
        format!(
            "the cache of `{path}` serves {hits}, and {by_ttl} by its `ttl`: declare `hit_ratio`"
        )
    })
}
