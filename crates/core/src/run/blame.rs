//! In a comparison a finding about a limit points at what changed.

use crate::analysis::{Outlook, Project};
use crate::changes::projected::Point;
use crate::changes::{Before, Comparison, edit_kind, is_of_model, place, projected};
use crate::collections::HashMap;
use crate::document::Difference;
use crate::finding::When;
use crate::fit::{Fitted, Meters, ROUNDING};
use crate::model::Policy;
use crate::model::declared_limits::declared_limit;
use crate::report::{Attribution, Change, Finding, Meter, Related, State};
use crate::source::{SourceMap, Span};
use crate::words::number;

/// The longest value that is told, in characters.
const LONGEST: usize = 200;

/// Says of findings what change is behind them.
pub(super) struct Blame<'a> {
    comparison: &'a Comparison<'a>,
    head: (&'a Project, &'a Outlook),
    /// The probability at which demands are judged.
    confidence: f64,
    sources: &'a SourceMap,
    /// What changed, by its path.
    by_path: HashMap<String, &'a Difference>,
    /// What changed of a thing, by the two keys that name it.
    by_thing: HashMap<&'a [String], Vec<&'a Difference>>,
    /// What changed in the head's files, in the order of its places.
    by_place: Vec<(Span, &'a Difference)>,
    /// The counts of days to come that changed.
    projected: Vec<(&'a Difference, Point<'a>)>,
    /// The one estimate that changed.
    widened: Option<&'a Difference>,
}

/// A declaration that changed, and where.
struct Cause {
    said: Attribution,
    place: Span,
}

/// What the change does to a meter in the situation that a finding is about.
struct Moved<'m> {
    fitted: &'m Fitted,
    /// The demands of both sides, where they have a number.
    demand: Option<(f64, f64)>,
    /// The limits of both sides, where the head's is the lower one.
    lowered: Option<(Option<f64>, f64)>,
}

impl Moved<'_> {
    fn added(&self) -> Option<f64> {
        let (before, after) = self.demand?;
        let added = after - before;
        (added > ROUNDING * after).then_some(added)
    }

    /// Whether what is asked for would still have had room before.
    fn had_room(&self) -> bool {
        let limit = self.lowered.and_then(|(before, _)| before);
        let after = self.demand.map(|(_, after)| after);
        after.is_some_and(|after| limit.is_none_or(|limit| after <= limit))
    }
}

impl<'a> Blame<'a> {
    pub(super) fn new(
        comparison: &'a Comparison<'a>,
        head: (&'a Project, &'a Outlook),
        policy: &Policy,
        sources: &'a SourceMap,
    ) -> Self {
        let differences = || comparison.differences.iter();
        let mut by_thing: HashMap<&[String], Vec<&Difference>> = HashMap::default();
        for difference in differences() {
            if let Some(thing) = difference.path.0.get(..2) {
                by_thing.entry(thing).or_default().push(difference);
            }
        }
        let placed = differences().filter_map(|it| Some((it.after?, it)));
        let mut by_place: Vec<(Span, &Difference)> = placed.collect();
        by_place.sort_by_key(|(span, _)| *span);
        Self {
            comparison,
            head,
            confidence: policy.confidence(),
            sources,
            by_path: differences().map(|it| (it.path.to_string(), it)).collect(),
            by_thing,
            by_place,
            projected: differences()
                .filter_map(|it| Some((it, projected::of(&it.path)?)))
                .collect(),
            widened: widened(comparison, sources),
        }
    }

    /// Moves new and worsened findings about a meter to the changed declaration that adds most to
    /// it; where the limit is declared becomes another place.
    pub(super) fn all(&self, findings: &mut [Finding]) {
        for finding in findings {
            if matches!(finding.state, Some(State::New | State::Worsened)) {
                self.one(finding);
            }
        }
    }

    fn one(&self, finding: &mut Finding) {
        let parts = finding.parts.iter().map(|(name, _)| name.as_str());
        let mut names = std::iter::once(finding.subject.as_str()).chain(parts);
        let Some(moved) = names.find_map(|id| self.moved(&finding.when, id)) else {
            return;
        };
        let added = self.added(&finding.when, &moved);
        let lowered = self.lowered(&moved);
        let (cause, words) = match (added, lowered) {
            (Some((_, added)), Some((limit, lowered))) if moved.had_room() => {
                (limit, format!("{lowered}; {added}"))
            }
            (Some((cause, added)), Some((_, lowered))) => (cause, format!("{added}; {lowered}")),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return,
        };
        let blame = format!("; {words}");
        finding.message.push_str(&blame);
        finding.blame = Some(blame);
        let said = &cause.said;
        let is_uncached = said.path.ends_with(".cache") && said.after.as_deref() == Some("false");
        if said.after.is_none() || is_uncached {
            put_back(finding, &said.path);
        }
        finding.cause = Some(cause.said);
        point(finding, cause.place, self.sources);
    }

    /// What the change does to a meter of the head.
    fn moved(&self, when: &When, id: &str) -> Option<Moved<'_>> {
        let (project, outlook) = self.head;
        let fitted = find(meters((project, outlook), when)?, id)?;
        let before = match self.comparison.before {
            Before::Nothing => None,
            Before::Project(base, was) => find(meters((base, was), when)?, id),
            Before::Report(_) => return None,
        };
        let demand = |fitted: &Fitted| match when {
            When::OnDisk => fitted.on_disk.map(|on_disk| on_disk.bytes),
            When::Median => fitted.meter.demand.point,
            _ => fitted.meter.judged(self.confidence),
        };
        let was = before.map_or(Some(0.0), demand);
        let limits = before.map(|before| before.meter.limit);
        let limits = limits.zip(fitted.meter.limit);
        let is_lower = |(before, after): &(Option<f64>, f64)| {
            before.is_none_or(|before| before - after > ROUNDING * before)
        };
        Some(Moved {
            fitted,
            demand: was.zip(demand(fitted)),
            lowered: limits.filter(is_lower),
        })
    }

    /// The declaration behind a demand that grows, and what it adds, in words.
    fn added(&self, when: &When, moved: &Moved<'_>) -> Option<(Cause, String)> {
        let added = moved.added();
        let (most, is_alone) = self.most(when, moved)?;
        let cause = self.placed(most)?;
        let meter = &moved.fitted.meter;
        let percentile = match when {
            When::OnDisk | When::Median => None,
            _ => (meter.judged(self.confidence) != meter.demand.p50).then_some(self.confidence),
        };
        let amount = |delta: f64| {
            let percentile = percentile.map(|share| format!(" at p{:.0}", share * 100.0));
            format!(
                "{}{}",
                self.amount(meter, delta),
                percentile.unwrap_or_default()
            )
        };
        let said = &cause.said;
        let what = match (&said.before, &said.after) {
            (_, None) => format!("removing `{}`", said.path),
            (Some(before), Some(after)) => format!("changing {before} to {after}"),
            (None, Some(_)) => format!("`{}`", said.path),
        };
        // What each of several adds is known of today's points.
        let is_known = matches!(when, When::Today | When::Median) && percentile.is_none();
        let words = match added {
            // What asks for an infinite amount adds no number.
            None if moved.demand.is_some() => return None,
            _ if is_known && said.delta > 0.0 => format!("{what} adds {}", amount(said.delta)),
            Some(added) if is_alone => format!("{what} adds {}", amount(added)),
            Some(added) => format!("this change adds {} (largest cause: {what})", amount(added)),
            None => format!("{what} adds to it"),
        };
        Some((cause, words))
    }

    /// The declaration that adds most to a meter, and whether no other moves it.
    fn most(&self, when: &When, moved: &Moved<'_>) -> Option<(Attribution, bool)> {
        let change = self.change(&moved.fitted.meter.id);
        let attribution = change.map_or(&[][..], |change| &change.attribution);
        let mut moves: Vec<(f64, Attribution)> = Vec::new();
        let day = match when {
            When::Day(day) => Some(*day),
            _ => None,
        };
        let before = change.and_then(|change| change.before);
        let before = before.filter(|before| *before > 0.0).unwrap_or(1.0);
        for cause in attribution {
            let path = self.by_path.get(&cause.path).map(|it| &it.path);
            // Of counts by day those decide that are of this day.
            if day.is_none() || path.and_then(projected::of).is_none() {
                moves.push((cause.delta / before, cause.clone()));
            }
        }
        if let Some((day, base)) = day.zip(self.comparison.base())
            && self.grows_otherwise(day, &moved.fitted.meter)
        {
            for (difference, point) in &self.projected {
                let grows = point.grows([base, self.head.0], day);
                if let Some(grows) = grows.filter(|grows| *grows != 0.0) {
                    moves.push((grows, self.said(difference)));
                }
            }
        }
        if moves.is_empty() {
            moves.extend(self.widened.map(|it| (1.0, self.said(it))));
        }
        let is_alone = moves.len() == 1;
        let adds = moves.into_iter().filter(|(grows, _)| *grows > 0.0);
        let (_, most) = adds.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
        Some((most, is_alone))
    }

    /// Whether a meter grows until a day in other proportion than it did.
    fn grows_otherwise(&self, day: u32, meter: &Meter) -> bool {
        let Before::Project(base, was) = self.comparison.before else {
            return false;
        };
        let growth = |side: (&Project, &Outlook)| {
            let [today, then] = [When::Today, When::Day(day)].map(|when| {
                let found = find(meters(side, &when)?, &meter.id)?;
                found.meter.judged(self.confidence)
            });
            Some(then? / today?)
        };
        match (growth((base, was)), growth(self.head)) {
            (Some(before), Some(after)) => (after - before).abs() > ROUNDING * after.abs(),
            _ => true,
        }
    }

    /// The declaration of a limit that is lower than it was, and the limits in words.
    fn lowered(&self, moved: &Moved<'_>) -> Option<(Cause, String)> {
        let (before, after) = moved.lowered?;
        let meter = &moved.fitted.meter;
        let after = self.amount(meter, after);
        let words = match before {
            Some(before) => {
                let before = self.amount(meter, before);
                format!("the limit went from {before} to {after}")
            }
            None => format!("the limit of {after} is new"),
        };
        let id = &moved.fitted.id;
        let declared = declared_limit(&self.head.0.declarations.root, id);
        // The last that begins before the limit ends; what begins earlier is around it.
        let exact = declared.and_then(|limit| {
            let ends = (limit.file, limit.end);
            let after = (self.by_place).partition_point(|(it, _)| (it.file, it.start) < ends);
            let (span, difference) = self.by_place.get(after.checked_sub(1)?)?;
            (span.file == limit.file && limit.start < span.end).then_some(*difference)
        });
        let is_limit = |difference: &&Difference| {
            let keys = &difference.path.0;
            keys.get(2).is_none_or(|key| key != "endpoints")
        };
        let thing = [id.owner.as_str().to_owned(), id.name.to_string()];
        let of_thing = self.by_thing.get(&thing[..]).map_or(&[][..], |of| of);
        let mut of_thing = of_thing.iter().copied();
        let difference = exact.or_else(|| of_thing.find(is_limit))?;
        Some((self.placed(self.said(difference))?, words))
    }

    fn change(&self, meter: &str) -> Option<&Change> {
        let changes = &self.comparison.changes;
        let at = changes.binary_search_by(|change| change.meter.as_str().cmp(meter));
        changes.get(at.ok()?)
    }

    /// What a declaration said and says, where no meter moves today for it.
    fn said(&self, difference: &Difference) -> Attribution {
        let written = |span: Option<Span>| {
            let text = self.sources.text(span?).trim_matches('"');
            let words: Vec<&str> = text.split_whitespace().collect();
            Some(words.join(" ").chars().take(LONGEST).collect())
        };
        Attribution {
            path: difference.path.to_string(),
            kind: edit_kind(difference.kind),
            before: written(difference.before),
            after: written(difference.after),
            delta: 0.0,
        }
    }

    /// A cause with its place.
    fn placed(&self, said: Attribution) -> Option<Cause> {
        let difference = self.by_path.get(&said.path)?;
        let place = place(self.head.0, difference)?;
        Some(Cause { said, place })
    }

    fn amount(&self, meter: &Meter, value: f64) -> String {
        number::quantity(Some(value), &meter.unit, self.head.0.currency())
    }
}

/// Adds to what a finding advises to put back what the change removed.
fn put_back(finding: &mut Finding, path: &str) {
    match &mut finding.help {
        Some(help) if help.contains("put it back") => {}
        Some(help) => {
            let back = format!("\nor put `{path}` back");
            help.push_str(&back);
            finding.tail.push_str(&back);
        }
        None => finding.help = Some(format!("put `{path}` back")),
    }
}

fn find<'m>(meters: &'m [Fitted], id: &str) -> Option<&'m Fitted> {
    let at = meters.binary_search_by(|fitted| (*fitted.meter.id).cmp(id));
    meters.get(at.ok()?)
}

/// The meters of a situation, where the project has that.
fn meters<'o>((project, outlook): (&Project, &'o Outlook), when: &When) -> Option<&'o Meters> {
    match when {
        When::Today | When::Median | When::OnDisk => Some(&outlook.today),
        When::Day(day) => {
            let mut horizons = outlook.horizons.iter();
            horizons
                .find(|(known, _)| known == day)
                .map(|(_, meters)| meters)
        }
        When::Scenario(name) => {
            let mut scenarios = project.scenarios.iter();
            let at = scenarios.position(|(scenario, _)| scenario.name == *name)?;
            outlook.scenarios.get(at)
        }
    }
}

fn point(finding: &mut Finding, span: Span, sources: &SourceMap) {
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end);
    let file = sources.file(span.file).path.to_string();
    let is_there = |it: &Related| it.file == file && it.line == start.line;
    finding.related.retain(|related| !is_there(related));
    let is_told = finding.related.iter().any(|it| it.span == finding.span);
    if let (Some(old), Some(line), Some(column)) = (&finding.file, finding.line, finding.column)
        && finding.span.is_some_and(|old| old != span && !is_told)
    {
        let limit = Related {
            file: old.clone(),
            line,
            column,
            message: "the limit".to_owned(),
            span: finding.span,
        };
        finding.related.insert(0, limit);
    }
    finding.file = Some(file);
    finding.line = Some(start.line);
    finding.column = Some(start.column);
    finding.end_line = Some(end.line);
    finding.end_column = Some(end.column);
    finding.span = Some(span);
}

/// The one declaration of an estimate that changed: what is judged may move where points stay.
fn widened<'a>(comparison: &'a Comparison<'a>, sources: &SourceMap) -> Option<&'a Difference> {
    let is_estimate = |span: &Span| sources.text(*span).contains("p90");
    let mut estimates = comparison.differences.iter().filter(|it| {
        let sides = [it.before, it.after];
        let last = it.path.0.last();
        let is_part = last.is_some_and(|key| key == "p50" || key == "p90");
        is_of_model(it) && (is_part || sides.iter().flatten().any(is_estimate))
    });
    let first = estimates.next()?;
    estimates.next().is_none().then_some(first)
}
