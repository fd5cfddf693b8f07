//! Disks.

use super::{About, Severity, Writer};
use crate::document::TomlPath;
use crate::export::promql::total;
use crate::meter::MeterKind;
use crate::model::policy::Side;
use crate::source::Span;
use crate::words::number;

impl Writer<'_> {
    pub(super) fn storage(&mut self) {
        let root = &self.of.project.declarations.root;
        for (name, entry) in root.databases.entries() {
            let database = &entry.body.value;
            let place = database.storage.as_deref().map(|limit| limit.span);
            self.disk(["databases", name], place);
        }
        for (name, entry) in root.tables.entries() {
            let table = &entry.body.value;
            let place = table.max_size.as_deref().map(|limit| limit.span);
            self.disk(["tables", name], place);
        }
    }

    fn disk(&mut self, thing: [&str; 2], place: Option<Span>) {
        let [table, name] = thing;
        let path = TomlPath::new(&thing);
        let meter = path.join("storage").to_string();
        let limit = self.of.meter(&meter).and_then(|meter| meter.limit);
        let (Some(place), Some(limit)) = (place, limit) else {
            return;
        };
        let Some(gauge) = self.gauge(&path, "bytes") else {
            return;
        };
        let policy = &self.of.project.policy;
        let full = policy.bar(MeterKind::Storage, Side::Today).breaks;
        let (days, bytes) = (policy.runway_days(), total(&gauge));
        let declared = number::bytes(limit);
        let about = About {
            meter: &meter,
            feature: None,
            owner: self.of.owner(table, name),
            declared: &declared,
            place,
            status: None,
        };
        let share = number::share(Some(full));
        self.alert(
            &about,
            Severity::Critical,
            "CapacityStorage",
            format!("{bytes} > {full} * {limit}"),
            format!("more than {share} of the disk of {name} is in use"),
        );
        self.alert(
            &about,
            Severity::Warning,
            "CapacityStorageRunway",
            format!("predict_linear({bytes}[7d:1h], {days} * 86400) > {full} * {limit}"),
            format!(
                "the disk of {name} is full within {} days",
                number::count(days)
            ),
        );
    }
}
