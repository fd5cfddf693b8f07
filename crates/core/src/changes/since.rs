//! What has come in the place of what only a saved report knows: by its lines, as far as they tell.

use std::collections::{BTreeMap, BTreeSet};

use super::given::LESS;
use super::renamed::most_common;
use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::LineKind;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::forecast::Flow;
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::Amount;
use crate::quantity::Graph;
use crate::report::{self, Meter};

/// The family and the name of a thing.
type Thing = (Family, String);

/// What stands for things, by name.
type Heirs = HashMap<Thing, BTreeSet<String>>;

/// A limited meter of a saved report in the place of whose thing something new has come that has no
/// such limit.
pub(crate) struct Moved<'a> {
    pub(crate) old: &'a Meter,
    /// What has come.
    pub(crate) heir: TomlPath,
    /// The meters of the kind of all that has come in its place without a limit, and of what is left.
    pub(crate) now: Vec<&'a Fitted>,
}

/// The limits of a saved report that something else may have taken over.
#[derive(Default)]
pub(crate) struct Since<'a> {
    pub(crate) moved: Vec<Moved<'a>>,
    /// What is gone with its limits while something has come of which nothing tells what it was.
    pub(crate) untold: Option<TomlPath>,
}

impl<'a> Since<'a> {
    pub(crate) fn new(
        before: &'a report::Project,
        (head, outlook): (&Project, &'a Outlook),
    ) -> Self {
        let root = &head.declarations.root;
        let (heirs, left, unknown) = heirs(before, (head, outlook));
        let mut all = Self {
            untold: cheaper(before, (head, outlook)).or_else(|| narrowed(before, head)),
            ..Self::default()
        };
        let merged = merged(before, &heirs);
        for old in before.meters.iter().filter(|it| it.limit.is_some()) {
            let Some(thing) = thing_of(&old.id) else {
                continue;
            };
            let path = |name: &str| TomlPath::new(&[thing.0.as_str(), name]);
            let of = |name: &str| {
                let own = outlook.today.iter().filter(|it| {
                    it.id.owner == thing.0 && it.id.name == name && it.id.kind.as_str() == old.kind
                });
                own.collect::<Vec<_>>()
            };
            let stays = name_span(root, thing.0.as_str(), &thing.1).is_some();
            // Without a meter that counts the same, nothing tells what the limit would count.
            let is_counted = |name: &str| of(name).iter().any(|it| counts_as(&it.meter, old));
            let is_limited = |name: &str| {
                let mut limited = of(name).into_iter();
                limited.any(|it| it.meter.limit.is_some() && counts_as(&it.meter, old))
            };
            let is_gone = match thing.0 {
                Family::Budget => !is_limited(&thing.1),
                _ => stays && !is_counted(&thing.1),
            };
            if is_gone {
                all.untold.get_or_insert_with(|| path(&thing.1));
            }
            let mut heirs_there = left.get(&thing).into_iter().flatten();
            if heirs_there.any(|name| !is_limited(name))
                || is_outgrown((thing.0, old), before, outlook)
            {
                all.untold.get_or_insert_with(|| path(&thing.1));
            }
            match heirs.get(&thing) {
                Some(names) => {
                    let is_open =
                        |name: &&String| of(name).iter().all(|it| it.meter.limit.is_none());
                    let open: Vec<&String> = names.iter().filter(is_open).collect();
                    let left = of(&thing.1).into_iter().filter(|_| stays);
                    let now = open.iter().flat_map(|name| of(name)).chain(left);
                    let now: Vec<&Fitted> = now.collect();
                    let is_merged = |name: &&String| {
                        let limits = merged.get(&(thing.0, name.as_str(), &*old.kind));
                        limits.is_some_and(|limits| is_less(&of(name), limits))
                    };
                    if (now.is_empty() && !open.is_empty()) || names.iter().any(|it| is_merged(&it))
                    {
                        all.untold.get_or_insert_with(|| path(&thing.1));
                        continue;
                    }
                    all.moved.extend(open.iter().map(|name| Moved {
                        old,
                        heir: path(name),
                        now: now.clone(),
                    }));
                }
                None if !stays && unknown.contains(&thing.0) => {
                    all.untold.get_or_insert_with(|| path(&thing.1));
                }
                None => {}
            }
        }
        all
    }
}

/// Whether a limited meter of a saved report asks for less, and what grows beside it without a limit
/// would break that limit with the rest: it may be the same demand.
fn is_outgrown(
    (family, old): (Family, &Meter),
    before: &report::Project,
    outlook: &Outlook,
) -> bool {
    let point = |meter: Option<&Meter>| meter.and_then(|it| it.demand.point).unwrap_or(0.0);
    let in_head = |id: &str| {
        outlook
            .today
            .iter()
            .map(|it| &it.meter)
            .find(|it| &*it.id == id)
    };
    let in_base = |id: &str| before.meters.iter().find(|it| &*it.id == id);
    let (Some(limit), left) = (old.limit, point(in_head(&old.id))) else {
        return false;
    };
    if left >= point(Some(old)) * LESS || family == Family::Budget {
        return false;
    }
    let beside = outlook.today.iter().filter(|it| {
        let is_same = it.meter.kind == old.kind && it.meter.unit == old.unit;
        is_same && it.meter.limit.is_none() && it.id.owner == family
    });
    let more = beside.map(|it| point(Some(&it.meter)) - point(in_base(&it.meter.id)));
    left + more.filter(|more| *more > 0.0).sum::<f64>() > limit
}

/// Whether a meter counts what another one does, in any window.
fn counts_as(meter: &Meter, other: &Meter) -> bool {
    let what = |meter: &Meter| meter.unit.split('/').next().map(str::to_owned);
    what(meter) == what(other)
}

/// By family, name and kind the limits of all that something new stands for, where that is more than
/// one.
fn merged<'a>(
    before: &'a report::Project,
    heirs: &'a Heirs,
) -> HashMap<(Family, &'a str, &'a str), Vec<&'a Meter>> {
    let mut limits: HashMap<_, Vec<&Meter>> = HashMap::default();
    for old in before.meters.iter().filter(|it| it.limit.is_some()) {
        let Some(thing) = thing_of(&old.id) else {
            continue;
        };
        for name in heirs.get(&thing).into_iter().flatten() {
            let limits = limits.entry((thing.0, name.as_str(), &*old.kind));
            limits.or_default().push(old);
        }
    }
    limits.retain(|_, limits| limits.len() > 1);
    limits
}

/// Whether something new allows less than all together for which it stands, and more than one of
/// them, so that it does not hold for each.
fn is_less(now: &[&Fitted], limits: &[&Meter]) -> bool {
    limits.iter().any(|old| {
        let same = |it: &&&Meter| it.unit == old.unit;
        let all = limits.iter().filter(same).filter_map(|it| it.limit);
        let all: f64 = all.sum();
        let mut now = now.iter().filter(|it| it.meter.unit == old.unit);
        let limit = now.next().and_then(|it| it.meter.limit);
        limit.is_some_and(|now| now < all * LESS && old.limit.is_some_and(|old| now > old))
    })
}

/// What a line uses whose price has all but gone, so that what it spends hardly counts against a
/// budget of the saved report.
fn cheaper(before: &report::Project, (head, outlook): (&Project, &Outlook)) -> Option<TomlPath> {
    let spend = MeterKind::Spend.as_str();
    let mut meters = before.meters.iter();
    if !meters.any(|it| it.kind == spend && it.limit.is_some()) {
        return None;
    }
    let flows = flows(head, outlook);
    before.lines.iter().find_map(|line| {
        let flow = flows.get(&*line.path)?;
        let price = |spend: f64, billed: f64| (billed > 0.0).then(|| spend / billed);
        let was = price(line.per_day.spend?, line.per_day.billed?)?;
        let of = |amount| Some(outlook.graph.point(flow.amount(amount)?));
        let now = price(of(Amount::Spend).unwrap_or(0.0), of(Amount::Billed)?)?;
        let (family, name, _) = used(&line.list, &line.target)?;
        (now < was / 100.0).then(|| TomlPath::new(&[family.as_str(), name]))
    })
}

/// A budget against which something that stays counted by the saved report, and no longer does.
fn narrowed(before: &report::Project, head: &Project) -> Option<TomlPath> {
    let root = &head.declarations.root;
    let spend = MeterKind::Spend.as_str();
    let spends = before.meters.iter().filter(|it| it.kind == spend);
    let spends = spends.filter_map(|it| Some((thing_of(&it.id)?, it)));
    let (budgets, priced): (Vec<_>, Vec<_>) =
        spends.partition(|((family, _), _)| *family == Family::Budget);
    budgets.into_iter().find_map(|((family, name), old)| {
        let budget = head.model.budgets.get(&name)?;
        let (was, _) = old.demand.point.zip(old.limit)?;
        let may_count = priced.iter().filter(|((family, name), _)| {
            let is_gone = name_span(root, family.as_str(), name).is_none();
            is_gone || budget.is_for(&TomlPath::new(&[family.as_str(), name]).to_string())
        });
        let now: f64 = may_count.filter_map(|(_, it)| it.demand.point).sum();
        (now < was * LESS).then(|| TomlPath::new(&[family.as_str(), &name]))
    })
}

/// What the lines of the head come to, by path.
fn flows<'a>(head: &'a Project, outlook: &'a Outlook) -> HashMap<String, &'a Flow> {
    let mut all = HashMap::default();
    for (name, flows) in &outlook.forecast.flows {
        let lines = head.model.features.get(name);
        let lines = lines.into_iter().flat_map(|feature| &feature.lines);
        all.extend(lines.zip(flows).map(|(line, flow)| (line.path(name), flow)));
    }
    all
}

/// Whether a line asks for less than a saved report says.
fn asks_less(was: &report::PerDay, flow: &Flow, graph: &Graph) -> bool {
    let amounts = [
        (Amount::Reached, was.reached),
        (Amount::Credits, was.credits),
        (Amount::Rows, was.rows),
        (Amount::RowsRead, was.rows),
        (Amount::Messages, was.messages),
        (Amount::Bytes, was.bytes),
    ];
    let pairs = amounts.into_iter();
    let mut pairs = pairs.filter_map(|(amount, was)| Some((was?, flow.amount(amount)?)));
    pairs.any(|(was, now)| !now.is_unknown() && graph.point(now) < was * LESS)
}

/// The thing that a meter is of.
fn thing_of(meter: &str) -> Option<Thing> {
    let mut keys = TomlPath::parse(meter).ok()?.0.into_iter();
    Some((Family::of_key(&keys.next()?)?, keys.next()?))
}

/// What a line uses: the thing, and the endpoint.
fn used<'l>(list: &str, target: &'l str) -> Option<(Family, &'l str, Option<&'l str>)> {
    let family = LineKind::of_list(list)?.family();
    Some(
        match target.split_once(':').filter(|_| family == Family::Api) {
            Some((name, path)) => (family, name, Some(path)),
            None => (family, target, None),
        },
    )
}

/// By thing of a saved report, what is new and has come in its place: what its lines use now, or what
/// has most endpoints, lines and features in common, or the only one that comes where only it goes.
/// What was there, and its lines use now. And the families of which something has come that may be
/// anything.
fn heirs(
    before: &report::Project,
    (head, outlook): (&Project, &Outlook),
) -> (Heirs, Heirs, BTreeSet<Family>) {
    let meters = before.meters.iter().filter_map(|it| thing_of(&it.id));
    let lines = before.lines.iter();
    let lines = lines.filter_map(|line| {
        let (family, name, path) = used(&line.list, &line.target)?;
        Some((line, (family, name.to_owned()), path))
    });
    let lines: Vec<_> = lines.collect();
    let known: BTreeSet<Thing> = meters
        .chain(lines.iter().map(|(_, thing, _)| thing.clone()))
        .collect();
    let mut now: HashMap<String, Thing> = HashMap::default();
    let mut users: BTreeMap<Thing, Vec<String>> = BTreeMap::new();
    for (name, feature) in &head.model.features {
        for line in &feature.lines {
            let list = line.kind.list();
            let thing = (line.kind.family(), line.uses.thing.name.to_string());
            let path = line.path(name);
            if !known.contains(&thing) {
                let users = users.entry(thing.clone()).or_default();
                users.extend([
                    format!("feature {name} {list}"),
                    format!("line {list} {}", line.id),
                ]);
                users.extend(line.called().map(|(_, path)| format!("endpoint {path}")));
            }
            now.insert(path, thing);
        }
    }
    let flows = flows(head, outlook);
    let mut by_user: HashMap<String, Vec<&str>> = HashMap::default();
    for (line, thing, path) in &lines {
        let flow = flows.get(&*line.path);
        let less = flow.is_some_and(|flow| asks_less(&line.per_day, flow, &outlook.graph));
        if now.get(&*line.path) == Some(thing) && !less {
            continue;
        }
        let id = line.path.rsplit('.').next().unwrap_or_default();
        let own = [
            format!("feature {} {}", line.feature, line.list),
            format!("line {} {id}", line.list),
        ];
        let endpoint = path.map(|path| format!("endpoint {path}"));
        for user in own.into_iter().chain(endpoint) {
            by_user.entry(user).or_default().push(&thing.1);
        }
    }
    let [mut heirs, mut left] = [Heirs::default(), Heirs::default()];
    let add = |heirs: &mut Heirs, (family, new): &Thing, old: &str| {
        let heirs = heirs.entry((*family, old.to_owned())).or_default();
        heirs.insert(new.clone());
    };
    for (line, was, _) in &lines {
        match now.get(&*line.path) {
            Some(thing) if !known.contains(thing) => {
                add(&mut heirs, thing, &was.1);
                users.remove(thing);
            }
            Some(thing) if thing != was => add(&mut left, thing, &was.1),
            _ => {}
        }
    }
    for (thing, users) in &users {
        let of_user = users.iter().filter_map(|user| by_user.get(user));
        if let Some(old) = most_common(of_user) {
            add(&mut heirs, thing, old);
        }
    }
    let unknown = last(&mut heirs, &known, head);
    (heirs, left, unknown)
}

/// Lets the only thing that comes stand for the only one that goes; the families of which more come.
fn last(heirs: &mut Heirs, known: &BTreeSet<Thing>, head: &Project) -> BTreeSet<Family> {
    let root = &head.declarations.root;
    let mut unknown = BTreeSet::new();
    for family in [
        Family::Api,
        Family::Database,
        Family::Model,
        Family::Queue,
        Family::Table,
    ] {
        let is_told = |thing: &Thing| heirs.values().any(|it| it.contains(&thing.1));
        let come = names_in(head, family).filter(|it| !known.contains(it) && !is_told(it));
        let come: Vec<Thing> = come.collect();
        let is_gone = |it: &&Thing| {
            it.0 == family
                && name_span(root, family.as_str(), &it.1).is_none()
                && !heirs.contains_key(*it)
        };
        let gone: Vec<&Thing> = known.iter().filter(is_gone).collect();
        match (&come[..], &gone[..]) {
            ([], _) | (_, []) => {}
            ([new], [old]) => {
                heirs.insert((*old).clone(), BTreeSet::from([new.1.clone()]));
            }
            _ => {
                unknown.insert(family);
            }
        }
    }
    unknown
}

fn names_in(project: &Project, family: Family) -> impl Iterator<Item = Thing> {
    super::renamed::names(&project.model, family).map(move |name| (family, name.to_owned()))
}
