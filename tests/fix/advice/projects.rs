//! Small projects in which much may be wrong.

use std::fmt::Write;

/// Small numbers that a seed decides.
struct Choices(u64);

impl Choices {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len() as u64) as usize]
    }

    fn maybe(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// A small project in which much may be wrong.
pub(super) fn project(seed: u64) -> String {
    let mut pick = Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1));
    let mut text = String::from("[project]\nname = \"p\"\n\n[tenants]\n");
    let now = 50 + pick.below(2000);
    match pick.maybe() {
        true => writeln!(text, "pro = {now}"),
        false => writeln!(
            text,
            "pro = {{ now = {now}, 30d = {}, 90d = {} }}",
            now + now / 10,
            now + now / 4
        ),
    }
    .unwrap();
    if pick.maybe() {
        let require = pick.of(&["fit", "warn", "report"]);
        let times = 2 + pick.below(9);
        writeln!(
            text,
            "\n[scenarios.more]\ntenants = {times}\nrequire = \"{require}\""
        )
        .unwrap();
    }
    api(&mut pick, &mut text);
    match pick.below(6) {
        0 => {}
        1 => database(&mut pick, &mut text),
        2 => queue(&mut pick, &mut text),
        3 => model(&mut pick, &mut text),
        4 => members(&mut pick, &mut text),
        _ => uncertain_model(&mut pick, &mut text),
    }
    if pick.below(3) == 0 {
        budgets(&mut pick, &mut text);
    }
    text
}

/// What costs money whatever is used, and a budget of everything, or of that and the API.
fn budgets(pick: &mut Choices, text: &mut String) {
    let price = 20 + pick.below(400);
    let (name, of) = match pick.maybe() {
        true => ("total", ""),
        false => ("some", "of = [\"costs.hosting\", \"apis.vendor\"]\n"),
    };
    let budget = 50 + pick.below(1500);
    writeln!(
        text,
        "[costs.hosting]\nprice = {price}.00\n\n[budgets.{name}]\n{of}budget = {}\n",
        limit(pick, budget, "")
    )
    .unwrap();
}

/// An API whose limits are for each member of something, or for what runs at once.
fn members(pick: &mut Choices, text: &mut String) {
    let per = pick.of(&["", ", per = \"tenant\"", ", per = \"tenant\", largest = 4"]);
    let (limited, window) = (1 + pick.below(60), pick.of(&["/min", "/h", "/day"]));
    let calls = limit(pick, limited, window);
    let at_once = 1 + pick.below(40);
    let at_once = limit(pick, at_once, "");
    writeln!(
        text,
        "[apis.shop]\nlimits = [\n  {{ id = \"each\", rate = {calls}{per} }},\n  \
         {{ id = \"running\", concurrent = {at_once} }},\n]\n[apis.shop.endpoints]\n\
         \"/o/\" = {{ duration = \"{}s\", cacheable = false }}\n",
        1 + pick.below(40)
    )
    .unwrap();
    let rate = pick.of(&["20/day", "every 1h", "every 15min", "3/h", "1/min"]);
    // A batch has no peak but itself.
    let peak = match rate.starts_with("every") {
        true => String::new(),
        false => format!("peak = {}\n", 1 + pick.below(4)),
    };
    writeln!(
        text,
        "[[features.f.calls]]\nid = \"o\"\nendpoint = \"shop:/o/\"\nrate = \"{rate}\"\n{peak}"
    )
    .unwrap();
}

/// A model whose use is estimated, so that more is judged than the median.
fn uncertain_model(pick: &mut Choices, text: &mut String) {
    let budget = 1 + pick.below(3000);
    writeln!(
        text,
        "[models.llm]\n\
         price = {{ per = 1_000_000, input = 3.00, output = 15.00 }}\nprice_as_of = 2026-11-02\n\
         budget = {}\ntenant_quota = {{ all = {{ input = \"900M/month\", output = \"900M/month\" }} }}\n",
        limit(pick, budget, ""),
    )
    .unwrap();
    let (rate, units) = (1 + pick.below(30), 100 + pick.below(4000));
    let rate = match pick.maybe() {
        true => format!("\"{rate}/day\""),
        false => format!("{{ p50 = \"{rate}/day\", p90 = \"{}/day\" }}", rate * 2),
    };
    writeln!(
        text,
        "[[features.f.inference]]\nid = \"ask\"\nmodel = \"llm\"\nrate = {rate}\n\
         units = {{ input = {{ p50 = {units}, p90 = {} }}, output = 300 }}\n",
        units * 3
    )
    .unwrap();
}

/// A limit, bare or with how far it can be raised.
fn limit(pick: &mut Choices, now: u64, unit: &str) -> String {
    let written = |value: u64| match unit {
        "" => value.to_string(),
        unit => format!("\"{value}{unit}\""),
    };
    match pick.below(3) {
        0 => format!(
            "{{ now = {}, max = {} }}",
            written(now),
            written(now * (1 + pick.below(12)))
        ),
        _ => written(now),
    }
}

fn api(pick: &mut Choices, text: &mut String) {
    let rate = pick.of(&[
        "4/day", "30/day", "45/day", "every 2h", "every 1d", "1/min", "2.5/day",
    ]);
    let limited = 1 + pick.below(400);
    let window = pick.of(&["/min", "/s", "/h", "/day"]);
    writeln!(
        text,
        "\n[apis.vendor]\nrate_limit = {}",
        limit(pick, limited, window)
    )
    .unwrap();
    if pick.maybe() {
        let credits = (1 + pick.below(400)) * 10_000;
        writeln!(
            text,
            "plan = {{ credits = {}, price = 99.00 }}",
            limit(pick, credits, "")
        )
        .unwrap();
    }
    if pick.maybe() {
        writeln!(
            text,
            "overage = {{ per = 1000, price = 0.50 }}\nbudget = {}",
            50 + pick.below(5000)
        )
        .unwrap();
    }
    let cacheable = pick.of(&["", ", cacheable = \"15m\"", ", cacheable = false"]);
    writeln!(
        text,
        "\n[apis.vendor.endpoints]\n\"/a/\" = {{ credits = 2{cacheable} }}"
    )
    .unwrap();
    let cache = pick.of(&[
        "",
        "cache = { ttl = \"1h\" }\n",
        "cache = false\n",
        "cache.ttl = \"5m\"\n",
    ]);
    writeln!(
        text,
        "\n[features.f]\nowner = \"us\"\nspec = \"spec.md\"\n\n[[features.f.calls]]\nid = \"a\"\n\
         endpoint = \"vendor:/a/\"\nrate = \"{rate}\"\n{cache}"
    )
    .unwrap();
    if pick.maybe() {
        let peak = 1 + pick.below(6);
        writeln!(
            text,
            "[[features.f.calls]]\nid = \"b\"\nendpoint = \"vendor:/a/\"\nrate = \"2/day\"\npeak = {peak}\n"
        )
        .unwrap();
    }
}

fn database(pick: &mut Choices, text: &mut String) {
    let engine = pick.of(&["postgres", "mysql", "timescaledb", "dynamodb"]);
    let storage = 1 + pick.below(900);
    writeln!(
        text,
        "[databases.main]\nengine = \"{engine}\"\nstorage = {}\nwrites = {}\n",
        limit(pick, storage, "GB"),
        limit(pick, 1 + storage, "/s")
    )
    .unwrap();
    let kind = pick.of(&["snapshot", "event"]);
    let retention = pick.of(&[
        "",
        "retention = \"30d\"\n",
        "retention = \"2y\"\n",
        "retention = \"1d\"\n",
    ]);
    let partition = match retention {
        "" => "",
        _ => pick.of(&[
            "",
            "partition = \"day\"\n",
            "partition = \"month\"\n",
            "partition = \"1h\"\n",
        ]),
    };
    let expire = match partition {
        "" => "",
        _ => pick.of(&["", "expire = \"delete\"\n", "expire = \"detach\"\n"]),
    };
    let existing = pick.of(&["", "existing = \"40GB\"\n"]);
    writeln!(
        text,
        "[tables.rows]\nkind = \"{kind}\"\nrow_size = \"{}B\"\nindexes = 2\n{retention}{partition}{expire}{existing}",
        20 + pick.below(4000)
    )
    .unwrap();
    let rate = pick.of(&["2/day", "every 1d", "1/min"]);
    writeln!(
        text,
        "[[features.f.writes]]\nid = \"w\"\ntable = \"rows\"\nrate = \"{rate}\"\nrows = {}\n",
        1 + pick.below(40)
    )
    .unwrap();
    if pick.maybe() {
        let retention = pick.of(&["", "retention = \"10d\"\n", "retention = \"3y\"\n"]);
        let refresh = pick.of(&["", "refresh = \"40d\"\n"]);
        writeln!(
            text,
            "[tables.summed]\nkind = \"rollup\"\nfrom = \"rows\"\nratio = 0.05\nrow_size = \"90B\"\n\
             indexes = 1\n{retention}{refresh}"
        )
        .unwrap();
    }
}

fn queue(pick: &mut Choices, text: &mut String) {
    let broker = pick.of(&["sqs", "kafka", "rabbitmq"]);
    let mut keys = String::new();
    if broker == "kafka" {
        writeln!(
            keys,
            "partitions = {}\npartition_throughput = \"{}KB/s\"",
            1 + pick.below(12),
            1 + pick.below(900)
        )
        .unwrap();
        keys += pick.of(&["", "replication = 3\n"]);
        keys += pick.of(&["", "replay = 2\n", "replay = 5\n"]);
        let storage = 1 + pick.below(50);
        writeln!(keys, "storage = {}", limit(pick, storage, "GB")).unwrap();
    }
    let retention = match broker {
        "rabbitmq" => "",
        _ => pick.of(&[
            "retention = \"1h\"\n",
            "retention = \"4d\"\n",
            "retention = \"20d\"\n",
        ]),
    };
    let drain = pick.of(&["", "drain = \"5m\"\n", "drain = \"2h\"\n"]);
    let max = match pick.below(4) {
        0 => String::new(),
        _ => format!(", max = {}", 1 + pick.below(20)),
    };
    let api = pick.of(&["", ", api = \"vendor\""]);
    let scale = pick.of(&["cpu", "queue-depth"]);
    writeln!(
        text,
        "[queues.jobs]\nbroker = \"{broker}\"\nmessage_size = \"{}KB\"\n{retention}{keys}{drain}\
         depth = {}\nworkers = {{ count = 1{max}, rate = \"{}/min\", scale_on = \"{scale}\"{api} }}\n",
        1 + pick.below(60),
        pick.below(900),
        1 + pick.below(90)
    )
    .unwrap();
    writeln!(
        text,
        "[[features.f.messages]]\nid = \"job\"\nqueue = \"jobs\"\nrate = \"{}/day\"\n",
        1 + pick.below(90)
    )
    .unwrap();
}

fn model(pick: &mut Choices, text: &mut String) {
    let budget = 1 + pick.below(3000);
    let capacity = 1 + pick.below(90_000);
    writeln!(
        text,
        "[models.llm]\nunit = \"token\"\nprice = 0.0001\nprice_as_of = 2026-11-02\nbudget = {}\n\
         capacity = {}\ntenant_quota = \"{}/month\"\n",
        limit(pick, budget, ""),
        limit(pick, capacity, "/min"),
        (1 + pick.below(900)) * 100
    )
    .unwrap();
    writeln!(
        text,
        "[[features.f.inference]]\nid = \"ask\"\nmodel = \"llm\"\nrate = \"{}/day\"\nunits = {}\n",
        1 + pick.below(30),
        1 + pick.below(900)
    )
    .unwrap();
}
