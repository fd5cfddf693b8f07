//! Demand that only changes its line, its feature or its table is the demand that it was.

use caplint::finding::Severity;

use super::{change, fails, subjects};

#[test]
fn rows_that_change_their_database_keep_its_limits() {
    let base = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
        [scenarios.s]\nrequire = \"report\"\n\
        [databases.d]\nengine = \"postgres\"\nstorage = \"20GB\"\nwrites = \"100/s\"\n\
        [tables.t]\ndatabase = \"d\"\nkind = \"event\"\nrow_size = \"1KB\"\nindexes = 1\n\
        retention = \"90d\"\npartition = \"day\"\n\
        [databases.e]\nengine = \"postgres\"\nstorage = \"none\"\nwrites = \"none\"\n\
        [tables.v]\ndatabase = \"e\"\nkind = \"event\"\nrow_size = \"1KB\"\nindexes = 1\n\
        retention = \"90d\"\npartition = \"day\"\nexisting = \"1TB\"\n\
        [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
        writes = [{ id = \"w\", table = \"t\", rate = \"100/day\" }]\n\
        [features.g]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
        writes = [{ id = \"v\", table = \"v\", rate = \"1/day\" }]\n";
    let line = "{ id = \"w\", table = \"t\", rate = \"100/day\" }";
    let head = |to: &str, more: &str| base.replace(line, to) + more;
    let there = |rate| format!("{{ id = \"w\", table = \"v\", rate = \"{rate}/day\" }}");
    let apart = |rate| {
        let feature = "[features.n]\nspec = \"capacity.toml\"\nowner = \"o\"\nwrites = [";
        format!("{feature}{}]\n", there(rate))
    };
    let husk = line.replace("100/", "1/");
    let here = line.replace("100/", "500/");
    assert!(fails(&change(base, &head(&here, ""))));
    for (rate, is_broken) in [(110, false), (500, true)] {
        let errors = [("databases.d.storage".to_owned(), Severity::Error)];
        let errors = if is_broken { &errors[..] } else { &[] };
        for head in [
            head(&there(rate), ""),
            head(&husk, &apart(rate)),
            head("", &apart(rate)),
        ] {
            let report = change(base, &head);
            assert_eq!(subjects(&report, "limit-removed"), errors, "{head}");
        }
        // A disk that has a limit of its own is judged by that.
        let limited = |text: &str| text.replace("storage = \"none\"", "storage = \"2TB\"");
        let report = change(&limited(base), &limited(&head(&there(rate), "")));
        assert_eq!(subjects(&report, "limit-removed"), []);
    }
    // What comes beside it takes nothing over.
    assert!(!fails(&change(base, &head(line, &apart(500)))));
}
