//! Limits on what is used of an API or a model: in each window, or at the same time.

use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::Per;
use crate::model::things::{Api, Bound, Entity, Model};
use crate::wildcard::wildcard;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UsageLimit {
    /// What names its meter after the kind: a window, an id, or a unit and a window.
    pub(crate) name: Vec<String>,
    pub(crate) over: Over,
    pub(crate) counts: Counts,
    /// How much; absent where each tier has its own, or none has one.
    pub(crate) bound: Option<Bound>,
    /// What only few limits say.
    pub(crate) narrow: Option<Box<Narrow>>,
}

/// What a limit is counted over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Over {
    /// A window, with its name.
    Window { name: String, seconds: f64 },
    /// What runs at the same time.
    AtOnce,
    /// Nothing: it was decided against a limit of this kind.
    Nothing(MeterKind),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Counts {
    /// Calls, or runs.
    Events,
    Credits,
    /// Units of a run, added up.
    Units(Vec<String>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Narrow {
    /// Patterns of the endpoints that count; of none all count.
    pub(crate) endpoints: Vec<String>,
    /// Whether what counts here counts nowhere else.
    pub(crate) exclusive: bool,
    pub(crate) members: Option<Members>,
    /// Whether something of it could not be read.
    pub(crate) is_unread: bool,
}

/// Each member has the limit to itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Members {
    /// A tenant, or an entity.
    pub(crate) per: Per,
    /// How much more than the average member the largest one uses.
    pub(crate) largest: f64,
    /// By tier, in the order of the tiers, where each has its own.
    pub(crate) by_tier: Vec<Option<Bound>>,
}

impl UsageLimit {
    pub(crate) fn kind(&self) -> MeterKind {
        match self.over {
            Over::Window { .. } => MeterKind::Rate,
            Over::AtOnce => MeterKind::Concurrency,
            Over::Nothing(kind) => kind,
        }
    }

    /// The seconds of its window.
    pub(crate) fn seconds(&self) -> Option<f64> {
        match self.over {
            Over::Window { seconds, .. } => Some(seconds),
            Over::AtOnce | Over::Nothing(_) => None,
        }
    }

    /// Whether there is anything that it limits.
    pub(crate) fn is_limit(&self) -> bool {
        !matches!(self.over, Over::Nothing(_))
    }

    /// What its window is called.
    pub(crate) fn window(&self) -> Option<&str> {
        match &self.over {
            Over::Window { name, .. } => Some(name),
            Over::AtOnce | Over::Nothing(_) => None,
        }
    }

    pub(crate) fn members(&self) -> Option<&Members> {
        self.narrow.as_ref()?.members.as_ref()
    }

    pub(crate) fn is_unread(&self) -> bool {
        self.narrow.as_ref().is_some_and(|narrow| narrow.is_unread)
    }

    /// Whether it is one limit on all that is used.
    pub(crate) fn is_of_all(&self) -> bool {
        let of_all = |narrow: &Narrow| narrow.endpoints.is_empty() && narrow.members.is_none();
        self.narrow.as_ref().is_none_or(|narrow| of_all(narrow))
    }

    /// What one member of a tier may use; of an entity that is counted by itself, any member.
    pub(crate) fn bound_of(&self, tier: Option<usize>) -> Option<Bound> {
        let by_tier = self.members().map_or(&[][..], |members| &members.by_tier);
        self.bound.or_else(|| *by_tier.get(tier?)?)
    }

    /// The least that it allows anybody, today or in a scenario.
    pub(crate) fn least(&self) -> f64 {
        let by_tier = self.members().map_or(&[][..], |members| &members.by_tier);
        let bounds = by_tier.iter().flatten().chain(&self.bound);
        let least = bounds.map(|bound| bound.max.map_or(bound.now, |max| bound.now.min(max)));
        least.fold(f64::INFINITY, f64::min)
    }

    fn endpoints(&self) -> &[String] {
        self.narrow.as_ref().map_or(&[], |narrow| &narrow.endpoints)
    }

    fn is_exclusive(&self) -> bool {
        self.narrow.as_ref().is_some_and(|narrow| narrow.exclusive)
    }

    /// Whether one of its patterns is an endpoint's own name.
    fn names(&self, endpoint: &str) -> bool {
        let mut endpoints = self.endpoints().iter();
        endpoints.any(|pattern| !pattern.contains('*') && pattern == endpoint)
    }

    fn matches(&self, endpoint: &str) -> bool {
        let endpoints = self.endpoints();
        endpoints.is_empty() || endpoints.iter().any(|pattern| wildcard(pattern, endpoint))
    }
}

impl Model {
    /// The limit of a meter of rate or concurrency, with its place.
    pub(crate) fn usage_limit(&self, id: &MeterId) -> Option<(usize, &UsageLimit)> {
        let limits = match id.owner {
            Family::Api => &self.apis.get(&id.name)?.limits,
            Family::Model => &self.models.get(&id.name)?.limits,
            _ => return None,
        };
        let mut limits = limits.iter().enumerate();
        limits.find(|(_, limit)| limit.kind() == id.kind && limit.name == id.rest)
    }
}

impl Api {
    /// Finds for all endpoints which limits count calls to them.
    pub(crate) fn count_endpoints(&mut self) {
        let mut endpoints = std::mem::take(&mut self.endpoints);
        for (path, endpoint) in &mut endpoints {
            endpoint.counted = self.limits_on(path);
        }
        self.endpoints = endpoints;
    }

    /// The places of the limits that count calls to an endpoint. What an exclusive one
    /// takes counts in no other of its kind that does not name the endpoint itself; of several
    /// exclusive ones that match, in those that name it, else in all of them.
    pub(crate) fn limits_on(&self, endpoint: &str) -> Box<[u16]> {
        let taken = [MeterKind::Rate, MeterKind::Concurrency].map(|kind| {
            let of_kind = self.limits.iter().filter(move |it| it.kind() == kind);
            let mut takers = of_kind
                .filter(|it| it.is_exclusive() && it.matches(endpoint))
                .peekable();
            (takers.peek().is_some(), takers.any(|it| it.names(endpoint)))
        });
        let counts = move |limit: &UsageLimit| {
            let (is_taken, by_name) = taken[usize::from(limit.kind() == MeterKind::Concurrency)];
            match is_taken && (by_name || !limit.is_exclusive()) {
                true => limit.names(endpoint),
                false => limit.matches(endpoint),
            }
        };
        let places = self.limits.iter().zip(0..);
        let counting = places.filter(|(limit, _)| limit.is_limit() && counts(limit));
        counting.map(|(_, place)| place).collect()
    }

    /// The place past the limits, where calls of a second are counted if no rate limit counts all
    /// of them.
    pub(crate) fn unlimited_rate(&self) -> Option<usize> {
        let names_it = |limit: &UsageLimit| {
            let is_rate = matches!(limit.over, Over::Window { .. });
            is_rate && (limit.is_of_all() || limit.name == ["s"])
        };
        (!self.limits.iter().any(names_it)).then_some(self.limits.len())
    }
}

impl Members {
    /// Whether lines that are counted per something are part of what one member uses: those of
    /// tenants and of what tenants have, and where the members are counted by themselves, theirs
    /// alone.
    pub(crate) fn take(&self, per: &Per, model: &Model) -> bool {
        let is_counted = |per: &Per| match per {
            Per::Entity(name) => matches!(model.entities.get(name), Some(Entity::Count { .. })),
            Per::Tenant | Per::Project => false,
        };
        match per {
            Per::Project => false,
            per if is_counted(&self.per) => *per == self.per,
            per => !is_counted(per),
        }
    }
}
