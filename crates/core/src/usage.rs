//! Measured usage: what rows of several formats say of what is declared, added up by day.
//!
//! Rows are read one by one and not kept: what is held grows with things and days.

mod declared;
mod focus;
mod held;
mod input;
mod map;
mod matching;
mod measured;
mod name;
mod prometheus;
pub mod request;
mod rows;
mod series;
mod time;
mod understood;

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::collections::{HashMap, IndexMap};
use crate::error::Error;
use crate::finding::Finding;
use crate::limits;
use crate::units::Date;

use name::{Name, Named};
use series::{OfTenant, Place};
use time::When;

pub use declared::{Committed, Declared, UsageFiles, declared};
pub(crate) use held::Held;
pub use input::Reading;
pub use map::Maps;
pub use matching::{Days, Matching};
pub use measured::Measured;
pub use series::Series;
pub use understood::{Span, Understanding, Understood};

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    files: Vec<String>,
    /// How many of them, the first, are named by projects.
    committed: usize,
    /// What the last row was found by.
    key: String,
    /// The folder of the project whose file is read.
    folder: Option<Arc<str>>,
    series: Vec<(Key, Series)>,
    /// Which of them is which, by all of its key.
    numbers: HashMap<String, usize>,
    /// The tier of each tenant, where one is said.
    tenants: IndexMap<String, String>,
    rows: usize,
    /// How many sums are held.
    sums: usize,
    /// The first two places that say the same, in two files.
    twice: Option<(Place, Place)>,
    /// What was bought, by day and currency: it is no usage.
    cash: IndexMap<(Date, String), Decimal>,
    /// What is wrong with committed files, with the folders of the projects that name them.
    pub(crate) flaws: Vec<(String, Finding)>,
    /// How many rows of a bill are no usage, by why.
    left_out: BTreeMap<&'static str, usize>,
    /// The columns that maps name for tenants, and whether a row of the file has any.
    tenant_columns: BTreeMap<String, bool>,
    /// What is worth knowing of how files were read.
    pub notes: Vec<String>,
}

/// What a series is about.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    /// The folder of the project that it is about, where that alone names its file.
    folder: Option<Arc<str>>,
    name: Name,
    unit: String,
    /// Of what it cost.
    currency: String,
    is_sampled: bool,
    /// Whether it stands beside the quantities of rows: it has no rows of its own.
    is_beside: bool,
}

/// One row of any format.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    when: When,
    /// Its last day, where it is about several.
    until: Option<Date>,
    name: Named<'a>,
    unit: &'a str,
    quantity: Decimal,
    tenant: &'a str,
    tier: &'a str,
    cost: Option<Decimal>,
    currency: &'a str,
    line: u32,
}

impl Row<'_> {
    /// Its first and last day, and how many there are.
    fn period(&self) -> Result<(Date, Date, i64), String> {
        let day = self.when.day;
        let last = self.until.unwrap_or(day);
        let (days, most) = (last.days_since(day) + 1, limits::USAGE_PERIOD_DAYS);
        match (1..=most).contains(&days) {
            true => Ok((day, last, days)),
            false => Err(format!("it is of {day} to {last}: write 1 to {most} days")),
        }
    }
}

impl Usage {
    /// Whether there is nothing to judge by.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Whether any file is given, and not only named by projects.
    pub(crate) fn is_given(&self) -> bool {
        self.files.len() > self.committed
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A tenant's name and tier, by its number. The tier may be empty.
    pub fn tenant(&self, number: u32) -> Option<(&str, &str)> {
        let (name, tier) = self.tenants.get_index(number as usize)?;
        Some((name, tier))
    }

    /// What was bought on each day, by currency.
    pub fn cash(&self) -> impl Iterator<Item = (Date, &str, Decimal)> {
        let cash = self.cash.iter();
        cash.map(|((day, currency), amount)| (*day, currency.as_str(), *amount))
    }

    /// Refuses what two files say of the same day and thing: it would count twice. Fails with
    /// [`Error::Usage`] with both places.
    pub fn refuse_twice(&self) -> Result<(), Error> {
        let Some(places) = self.twice else {
            return Ok(());
        };
        Err(self.says_again(places))
    }

    fn says_again(&self, (first, second): (Place, Place)) -> Error {
        let is_named = |place: Place| (place.file as usize) < self.committed;
        let help = match (is_named(first), is_named(second)) {
            (true, false) if self.file(first) == self.file(second) => {
                "leave it out: `[usage] files` names it"
            }
            (true, false) => {
                "`[usage] files` names the first: give rows of other days, or add them up with \
                 `--sum-files`"
            }
            _ => "give each file once; `--sum-files` adds them up",
        };
        let (first, second) = (self.place(first), self.place(second));
        let message = format!("{second} says again what {first} says");
        Error::usage(message).with_help(help)
    }

    fn place(&self, place: Place) -> String {
        format!("{}:{}", self.file(place), place.line)
    }

    fn file(&self, place: Place) -> &str {
        let file = self.files.get(place.file as usize);
        file.map_or("", String::as_str)
    }

    fn add(&mut self, row: &Row<'_>, reading: &Reading<'_>) -> Result<(), String> {
        if row.unit.is_empty() {
            return Err("`unit` is empty".to_owned());
        }
        self.rows += 1;
        if self.rows > limits::USAGE_ROWS && !reading.is_unbounded {
            return Err(format!("there are more than {} rows", limits::USAGE_ROWS));
        }
        self.add_to(row, row.unit, row.quantity, false)?;
        match row.cost {
            Some(cost) if row.unit != "cost" => self.add_to(row, "cost", cost, true),
            _ => Ok(()),
        }
    }

    fn add_to(
        &mut self,
        row: &Row<'_>,
        unit: &str,
        quantity: Decimal,
        is_beside: bool,
    ) -> Result<(), String> {
        let place = Place {
            file: u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX),
            line: row.line,
        };
        let tenant = self.tenant_number(row)?;
        let number = self.number(row, unit, place, is_beside);
        let Some((key, series)) = self.series.get_mut(number) else {
            return Ok(());
        };
        let rows = usize::from(!is_beside);
        let (day, last, days) = row.period()?;
        if key.is_sampled {
            series.sample(row.when, quantity);
            self.sums += 1;
        } else if let (Some(second), 1) = (row.when.second, days) {
            let hour = u8::try_from(second / 3_600).unwrap_or_default();
            let amount = series::number(quantity);
            *series.hours.entry((day, hour)).or_default() += amount;
            if let Some(tenant) = tenant {
                let before = series.hours_by_tenant.len();
                let own = series.hours_by_tenant.entry((tenant, day, hour));
                *own.or_default() += amount;
                self.sums += series.hours_by_tenant.len() - before;
            }
        }
        let share = match days {
            1 => quantity,
            days => quantity / Decimal::from(days),
        };
        let before = series.days.len() + series.by_tenant.len();
        for later in 0..days {
            let Some(day) = day.plus_days(later) else {
                break;
            };
            let of_day = series.days.entry(day).or_default();
            of_day.rows += if days == 1 { rows } else { 0 };
            if !key.is_sampled {
                of_day.sum += share;
                of_day.is_counted = true;
            }
            let said = match tenant {
                None => *of_day.place.get_or_insert(place),
                Some(tenant) => {
                    let own = series.by_tenant.entry((tenant, day));
                    let own = own.or_insert_with(|| OfTenant {
                        sum: Decimal::ZERO,
                        place,
                    });
                    own.sum += share;
                    own.place
                }
            };
            if said.file != place.file && self.twice.is_none() {
                self.twice = Some((said, place));
            }
        }
        if days > 1 {
            *series.periods.entry((day, last)).or_default() += rows;
        }
        self.sums += series.days.len() + series.by_tenant.len() - before;
        if self.sums > limits::USAGE_SUMS {
            return Err(format!(
                "it has more than {} sums of a day",
                limits::USAGE_SUMS
            ));
        }
        Ok(())
    }

    fn tenant_number(&mut self, row: &Row<'_>) -> Result<Option<u32>, String> {
        if row.tenant.is_empty() {
            return Ok(None);
        }
        let number = match self.tenants.get_index_of(row.tenant) {
            Some(number) => number,
            None if self.tenants.len() >= limits::USAGE_TENANTS => {
                let most = limits::USAGE_TENANTS;
                return Err(format!("there are more than {most} tenants"));
            }
            None => {
                let tenant = (row.tenant.to_owned(), String::new());
                self.tenants.insert_full(tenant.0, tenant.1).0
            }
        };
        if !row.tier.is_empty()
            && let Some((_, tier)) = self.tenants.get_index_mut(number)
            && tier != row.tier
        {
            row.tier.clone_into(tier);
        }
        Ok(u32::try_from(number).ok())
    }

    /// The number of the series that a row is of.
    fn number(&mut self, row: &Row<'_>, unit: &str, first: Place, is_beside: bool) -> usize {
        let currency = if unit == "cost" { row.currency } else { "" };
        // One text for all rows: most of them name what is known.
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        row.name.write(&mut key);
        let beside = if is_beside { "+" } else { "" };
        let folder = self.folder.as_deref().unwrap_or("\0");
        for part in [unit, currency, beside, folder] {
            key.push('\0');
            key.push_str(part);
        }
        if let Some(number) = self.numbers.get(&key).copied() {
            self.key = key;
            return number;
        }
        let name = row.name.to_name();
        let is_sampled = name.is_sampled(unit);
        let about = Key {
            folder: self.folder.clone(),
            name,
            unit: unit.to_owned(),
            currency: currency.to_owned(),
            is_sampled,
            is_beside,
        };
        self.series.push((about, Series::new(first)));
        self.numbers.insert(key, self.series.len() - 1);
        self.series.len() - 1
    }

    /// Puts in order what files said in any.
    fn settle(&mut self) {
        for (_, series) in &mut self.series {
            series.settle();
        }
    }
}
