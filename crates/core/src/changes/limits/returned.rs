//! Demand that has changed its thing otherwise than by a rename: out of one into several, or out of
//! several into one. It is put back, so that the limits of what it left are held against it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::declared::{Declared, limits_of};
use super::lent::{Lent, clone_with_limits};
use super::{MOVED, Removed};
use crate::analysis::Project;
use crate::changes::given::{HALF, LESS, given_most, lessened};
use crate::changes::moved::moved;
use crate::changes::origins::Origins;
use crate::changes::renamed;
use crate::collections::{HashMap, HashSet};
use crate::document::tables::{Feature, LineKind, Root};
use crate::document::values::Name;
use crate::document::{Items as _, TomlPath};
use crate::exceptions::name_span;
use crate::meter::{Family, MeterId};
use crate::model::{Line, Table};
use crate::source::Spanned;

/// What a thing of the head has of one of the base: the family, what it left, and what uses it.
type Way<'p> = (Family, &'p str, &'p str);

/// What has changed its thing.
enum What<'p> {
    Line(&'p str, LineKind, &'p str),
    /// The rows of a line, which are in another table now.
    Rows(&'p str, LineKind, &'p str, &'p str),
    Table(&'p str),
}

/// What changes its thing, and what each new thing was.
pub(super) struct Returned<'p> {
    base: &'p Project,
    head: &'p Project,
    ways: BTreeMap<Way<'p>, Vec<What<'p>>>,
    successors: BTreeMap<(Family, &'p str), &'p str>,
    lessened: HashSet<(Family, &'p str)>,
}

impl<'p> Returned<'p> {
    pub(super) fn new(base: &'p Project, head: &'p Project) -> Self {
        let mut all = Self {
            base,
            head,
            ways: BTreeMap::new(),
            successors: BTreeMap::new(),
            lessened: lessened(base, head),
        };
        let changed = |name: &str| {
            let [before, after] = [base, head].map(|side| side.model.features.get(name));
            before != after
        };
        let moves = |(name, table): (&String, &Table)| {
            let before = base.model.tables.get(name);
            before.is_none_or(|before| before.database != table.database)
        };
        let tables = head.model.tables.iter().any(moves);
        if !tables && !head.model.features.keys().any(|name| changed(name)) {
            return all;
        }
        all.successors = renamed::successors(base, head);
        let origins = Origins::new(base, head);
        all.add_tables(&origins);
        all.add_lines(&origins);
        all
    }

    fn add_tables(&mut self, origins: &Origins) {
        for (name, table) in &self.head.model.tables {
            let path = TomlPath::new(&["tables", name]);
            let was = origins.of(&path).unwrap_or(path).0;
            let before = was.get(1).and_then(|name| self.base.model.tables.get(name));
            let from = before.and_then(|it| it.database.as_deref());
            let way = (Family::Database, from, table.database.as_deref());
            self.add(way, What::Table(name));
        }
    }

    fn add_lines(&mut self, origins: &Origins) {
        let (base, head) = (self.base, self.head);
        let gave = gave(base, head, origins);
        let tables = self.ways.values().flatten().filter_map(|what| match what {
            What::Table(name) => Some(*name),
            _ => None,
        });
        let tables: HashSet<&str> = tables.collect();
        // What others asked of the same thing takes nothing over from another one.
        let moved = moved(base, head).into_iter();
        let moved = moved.filter(|it| {
            let (family, used) = (it.line.kind.family(), &it.line.uses.thing.name);
            it.is_new && it.taken >= LESS && is_in(&base.declarations.root, family, used)
        });
        let moved: HashSet<_> = moved
            .map(|it| (it.feature, it.line.kind, &it.line.id))
            .collect();
        for (name, after) in &head.model.features {
            if base.model.features.get(name) == Some(after) {
                continue;
            }
            let lines = after.lines.iter();
            for line in lines.filter(|it| !moved.contains(&(name, it.kind, &it.id))) {
                let (family, to) = (line.kind.family(), &*line.uses.thing.name);
                let from = self.used_before((origins, &gave), name, line);
                let what = What::Line(name, line.kind, &line.id);
                self.add((family, from, Some(to)), what);
                if family == Family::Table && !tables.contains(to) {
                    let [from, into] = [(base, from), (head, Some(to))]
                        .map(|(side, table)| side.model.tables.get(table?)?.database.as_deref());
                    let what = What::Rows(name, line.kind, &line.id, to);
                    self.add((Family::Database, from, into), what);
                }
            }
        }
    }

    /// What a line of the head used in the base, or may have taken over from.
    fn used_before(
        &self,
        (origins, gave): (&Origins, &HashMap<(&str, LineKind), &'p str>),
        feature: &str,
        line: &Line,
    ) -> Option<&'p str> {
        let path = TomlPath::new(&["features", feature, line.kind.list(), &line.id]);
        let was = origins.of(&path).unwrap_or(path).0;
        let old = was.get(1).map_or("", String::as_str);
        let before = self.base.model.features.get(old);
        let mut lines = before.into_iter().flat_map(|feature| &feature.lines);
        let same = |it: &&Line| it.kind == line.kind && was.get(3).is_some_and(|id| **id == *it.id);
        let before = lines.find(same).map(|it| &*it.uses.thing.name);
        before
            .or_else(|| self.taken(line.kind.family(), line))
            .or_else(|| gave.get(&(old, line.kind)).copied())
    }

    fn add(&mut self, way: (Family, Option<&'p str>, Option<&'p str>), what: What<'p>) {
        if let (family, Some(from), Some(to)) = way
            && from != to
        {
            self.ways.entry((family, from, to)).or_default().push(what);
        }
    }

    /// What a line of something new takes over that no line of the base is: what its endpoint was
    /// in, else what the thing was.
    fn taken(&self, family: Family, line: &Line) -> Option<&'p str> {
        let first = *self.successors.get(&(family, &*line.uses.thing.name))?;
        let apis = &self.base.model.apis;
        let has = |name: &str, path: &str| {
            apis.get(name)
                .is_some_and(|it| it.endpoints.contains_key(path))
        };
        let (_, path) = line.called().filter(|(_, path)| !has(first, path)).unzip();
        let gone = apis
            .keys()
            .filter(|name| !self.head.model.apis.contains_key(*name));
        let other = path.and_then(|path| gone.map(String::as_str).find(|name| has(name, path)));
        Some(other.unwrap_or(first))
    }

    /// Whether nothing moves but by being called otherwise.
    pub(super) fn is_empty(&self) -> bool {
        self.ways.keys().all(|way| self.is_rename(*way))
    }

    /// Whether the head has something new that is only what one thing was, and that is gone.
    fn is_rename(&self, (family, from, to): Way<'p>) -> bool {
        let heirs = self
            .ways
            .keys()
            .filter(|(own, old, _)| (*own, *old) == (family, from));
        let heirs: BTreeSet<&str> = heirs.map(|(_, _, to)| *to).collect();
        let known = self
            .successors
            .iter()
            .filter(|((own, _), old)| (*own, **old) == (family, from));
        let heirs = known.map(|((_, new), _)| *new).chain(heirs);
        self.successors.get(&(family, to)) == Some(&from)
            && self.sources(family, to).count() == 1
            && !is_in(&self.head.declarations.root, family, from)
            && heirs.collect::<BTreeSet<_>>().len() == 1
    }

    /// Puts what moved back to what it left, where the limits of that no longer hold for it: adds
    /// those that nothing stands for, and says of those that are known to be gone what they limit.
    /// Whether anything is.
    pub(super) fn put_back(
        &self,
        old: &Root,
        (under, lent): (&mut Root, &mut Vec<Lent>),
        removed: &mut Vec<Removed>,
    ) -> bool {
        let mut puts_back = false;
        // Tables before the databases that they are in.
        for (way, what) in self.ways.iter().rev() {
            let (family, from, to) = *way;
            if self.is_rename(*way) || matches!(family, Family::Budget | Family::Cost) {
                continue;
            }
            let list = family.as_str();
            let mut any = false;
            let is_first = self.successors.get(&(family, to)) == Some(&from);
            let is_merged = self.sources(family, to).count() > 1;
            // It would take less there than it does: it is held by itself.
            if is_first && !is_merged && self.lessened.contains(&(family, from)) {
                continue;
            }
            if is_first {
                let of_new =
                    |it: &&mut Removed| it.path.0.get(..2) == Some(&[list.into(), to.into()]);
                for it in removed.iter_mut().filter(of_new) {
                    it.returned((family, to), from);
                    any = true;
                }
            }
            if !is_first || is_merged {
                for (limit, meter) in self.unheld(*way) {
                    any = true;
                    if !removed.iter().any(|it| it.limited(&meter)) {
                        removed.push(Removed {
                            instead: Some((MOVED, None)),
                            meters: vec![meter],
                            taker: Some(TomlPath::new(&[list, to])),
                            ..Removed::new(limit.path, limit.span)
                        });
                    }
                }
            }
            if any {
                clone_with_limits((under, lent), old, (list, to), from);
                self.point(under, *way, what);
                puts_back = true;
            }
        }
        puts_back
    }

    /// The limits of what something left for which nothing stands where it is now: any limit of what
    /// was there stands for one. What is new has one that allows no more, or as much as all that it
    /// takes the place of, or that stands for the largest of those.
    fn unheld(&self, (family, from, to): Way<'p>) -> Vec<(Declared, MeterId)> {
        let days = self.head.model.calendar.days_per_month;
        let limits = |side: &'p Project, name| {
            let thing = (family.as_str(), name);
            limits_of(&side.declarations.root, &side.model, thing, days)
        };
        let now = limits(self.head, to);
        let others = self.sources(family, to).map(|name| limits(self.base, name));
        let others: Vec<Declared> = others.flatten().collect();
        let is_new = !is_in(&self.base.declarations.root, family, to);
        let unheld = limits(self.base, from).into_iter().filter_map(|limit| {
            let others = others
                .iter()
                .filter(|it| it.limits_as(&limit) && it.has_window_of(&limit));
            let sum = others.clone().map(|it| it.now).sum::<f64>();
            let order = |it: &Declared| (it.now, limit.path < it.path);
            let largest = others
                .map(order)
                .fold((0.0, false), |a, b| if b > a { b } else { a });
            let is_largest = largest <= (limit.now, false);
            let stands = now.iter().filter(|it| it.limits_as(&limit)).any(|it| {
                let holds_all = it.has_window_of(&limit) && (is_largest || it.now >= sum);
                !is_new || holds_all || it.is_as_tight_as(&limit)
            });
            let meter = limit.meter.clone().filter(|_| !stands)?;
            Some((limit, meter))
        });
        unheld.collect()
    }

    /// The things of the base that one of the head takes something over from.
    fn sources(&self, family: Family, to: &str) -> impl Iterator<Item = &'p str> {
        let ways = self
            .ways
            .keys()
            .filter(move |(own, _, new)| (*own, *new) == (family, to));
        ways.map(|(_, from, _)| *from)
    }

    /// Lets what moved use again what it left.
    fn point(&self, under: &mut Root, (family, from, to): Way<'p>, what: &[What<'p>]) {
        if family == Family::Api {
            // Two APIs may have an endpoint now.
            let features = self.head.model.features.iter();
            let lines =
                features.flat_map(|(name, it)| it.lines.iter().map(move |line| (name, line)));
            for (feature, line) in lines {
                let Some((_, path)) = line.called().filter(|(api, _)| *api == to) else {
                    continue;
                };
                let feature = under.features.item_mut(feature);
                let call = feature.and_then(|it| it.value.calls.item_mut(&line.id));
                if let Some(endpoint) = call.and_then(|it| it.value.endpoint.as_mut())
                    && endpoint.value.0 == path
                {
                    endpoint.value.0 = format!("{to}:{path}");
                }
            }
        }
        for what in what {
            match what {
                What::Line(feature, kind, id) => {
                    let lines = under.features.item_mut(feature).map(|it| &mut it.value);
                    let Some(lines) = lines else { continue };
                    let text = match kind {
                        LineKind::Call => {
                            let call = lines.calls.item_mut(id);
                            let endpoint = call.and_then(|it| it.value.endpoint.as_mut());
                            if let Some(endpoint) = endpoint
                                && let Some((_, path)) = endpoint.value.0.split_once(':')
                            {
                                endpoint.value.0 = format!("{from}:{path}");
                            }
                            continue;
                        }
                        LineKind::Read | LineKind::Write => table_of(lines, *kind, id),
                        LineKind::Message => {
                            let message = lines.messages.item_mut(id).map(|it| &mut it.value);
                            let queue = self.head.declarations.root.queues.get(to);
                            message.and_then(|message| {
                                // A message is as large as it is where it goes now.
                                let size = queue.and_then(|queue| queue.message_size.clone());
                                message.size = message.size.take().or(size);
                                message.queue.as_mut()
                            })
                        }
                        LineKind::Inference => lines
                            .inference
                            .item_mut(id)
                            .and_then(|it| it.value.model.as_mut()),
                    };
                    if let Some(text) = text {
                        from.clone_into(&mut text.value.0);
                    }
                }
                What::Rows(feature, kind, id, table) => {
                    put_rows_back(under, (feature, *kind, id), table, from);
                }
                What::Table(name) => {
                    let table = under.tables.item_mut(name);
                    if let Some(database) = table.and_then(|it| it.value.database.as_mut()) {
                        from.clone_into(&mut database.value.0);
                    }
                }
            }
        }
    }
}

/// Lets the rows of a line be kept as they are now, but in the database that they left.
fn put_rows_back(
    under: &mut Root,
    (feature, kind, id): (&str, LineKind, &str),
    table: &str,
    database: &str,
) {
    // No name has a space.
    let there = format!("{table} {database}");
    let lines = under.features.item_mut(feature).map(|it| &mut it.value);
    let Some(used) = lines.and_then(|lines| table_of(lines, kind, id)) else {
        return;
    };
    let now = under
        .tables
        .get(&used.value.0)
        .and_then(|it| it.database.as_ref());
    if now.is_some_and(|now| now.value.0 == database) {
        return;
    }
    there.clone_into(&mut used.value.0);
    if under.tables.get(&there).is_none() {
        under.tables.also(table, &there);
    }
    if let Some(table) = under.tables.item_mut(&there) {
        table.value.existing = None;
        if let Some(it) = table.value.database.as_mut() {
            database.clone_into(&mut it.value.0);
        }
    }
}

/// The table that a line reads or writes.
fn table_of<'f>(
    lines: &'f mut Feature,
    kind: LineKind,
    id: &str,
) -> Option<&'f mut Box<Spanned<Name>>> {
    match kind {
        LineKind::Read => lines.reads.item_mut(id)?.value.table.as_mut(),
        LineKind::Write => lines.writes.item_mut(id)?.value.table.as_mut(),
        _ => None,
    }
}

/// What lines ask at most half of that stay, or are gone without another one in their place, by feature and
/// list: a line that comes there may have taken that over. Of several things that of most lines.
fn gave<'p>(
    base: &'p Project,
    head: &Project,
    origins: &Origins,
) -> HashMap<(&'p str, LineKind), &'p str> {
    let mut counts: BTreeMap<(&str, LineKind), BTreeMap<&str, usize>> = BTreeMap::new();
    for (name, line) in given_most(base, head, HALF) {
        let path = TomlPath::new(&["features", name, line.kind.list(), &line.id]);
        let path = origins.line_now(&path).unwrap_or(&path);
        let feature = path.0.get(1).and_then(|name| head.model.features.get(name));
        let mut lines = feature.into_iter().flat_map(|feature| &feature.lines);
        let now =
            lines.find(|it| it.kind == line.kind && path.0.last().is_some_and(|id| **id == *it.id));
        let used = &line.uses.thing.name;
        if now.is_none_or(|now| now.uses.thing.name == *used) {
            let counts = counts.entry((name, line.kind)).or_default();
            *counts.entry(used).or_default() += 1;
        }
    }
    let most = counts.into_iter().filter_map(|(key, counts)| {
        let most = counts
            .into_iter()
            .max_by_key(|(name, count)| (*count, Reverse(*name)));
        Some((key, most?.0))
    });
    most.collect()
}

/// Whether a side declares a thing.
fn is_in(root: &Root, family: Family, name: &str) -> bool {
    name_span(root, family.as_str(), name).is_some()
}
