//! Random projects that caplint reads without complaint.

/// A small random number generator (SplitMix64), the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xdead_beef)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// A project: its declarations, each a block of text with the file that it stands in.
#[derive(Clone)]
pub struct Model {
    blocks: Vec<(usize, String)>,
}

const FILES: [&str; 3] = [
    "capacity.toml",
    "features/capacity.toml",
    "data/capacity.toml",
];

impl Model {
    /// A random project; where it is uncertain, some of its numbers are estimates.
    pub fn random(random: &mut Random, uncertain: bool) -> Self {
        let mut model = Self { blocks: Vec::new() };
        let horizon = random.pick(&["1y", "180d", "30d"]);
        model.add(
            0,
            format!("[project]\nname = \"random\"\nhorizon = \"{horizon}\"\n"),
        );
        let tiers: &[&str] = &["free", "pro", "team"][..1 + random.below(3)];
        for tier in tiers {
            let now = 1 + random.below(5000);
            let mut text = format!("[tenants.{tier}]\nnow = {now}\n");
            if random.chance(50) {
                text += &format!("30d = {}\n90d = {}\n", now + random.below(500), now + 600);
            }
            model.add(0, text);
        }
        model.entities(random, tiers);
        model.apis(random, uncertain);
        model.storage(random, uncertain);
        model.queues(random, uncertain);
        for name in ["alpha", "beta", "gamma", "delta"]
            .iter()
            .take(1 + random.below(4))
        {
            model.feature(random, name, tiers, uncertain);
        }
        model
    }

    fn add(&mut self, file: usize, block: String) {
        self.blocks.push((file, block));
    }

    fn entities(&mut self, random: &mut Random, tiers: &[&str]) {
        let each: Vec<String> = tiers
            .iter()
            .map(|tier| format!("{tier} = {}", random.below(20)))
            .collect();
        self.add(
            0,
            format!(
                "[entities.account]\nper_tenant = {{ {} }}\n",
                each.join(", ")
            ),
        );
        let count = 1 + random.below(100_000);
        self.add(2, format!("[entities.device]\ncount = {count}\n"));
    }

    fn apis(&mut self, random: &mut Random, uncertain: bool) {
        for api in ["north", "south"] {
            let mut text = format!("[apis.{api}]\n");
            if random.chance(70) {
                text += &format!("rate_limit = \"{}/min\"\n", 100 + random.below(100_000));
            }
            if random.chance(50) {
                text += &format!("retry_ratio = 0.0{}\n", random.below(9));
            }
            match random.below(3) {
                0 => {
                    text += &format!(
                        "plan = {{ credits = {} }}\n",
                        1000 + random.below(10_000_000)
                    )
                }
                1 => {
                    text += &format!(
                        "plan = {{ credits = {}, price = 10.00 }}\noverage = {{ price = 0.01, per = 10 }}\nbudget = 5000.00\n",
                        1000 + random.below(1_000_000)
                    );
                }
                _ => text += "packs = [{ name = \"small\", credits = 10_000, price = 9.50 }]\n",
            }
            for path in ["/a/", "/b/"] {
                let credits = number(random, uncertain, 1, 5);
                text += &format!("[apis.{api}.endpoints.\"{path}\"]\ncredits = {credits}\n");
                if random.chance(30) {
                    text += "min_credits = 2\ncredits_per_item = 0.5\n";
                }
            }
            self.add(0, text);
        }
    }

    fn storage(&mut self, random: &mut Random, uncertain: bool) {
        for database in ["main", "cold"] {
            let (gigabytes, writes) = (1 + random.below(5000), 10 + random.below(5000));
            let overhead = random.pick(&["", "overhead = 0.25\n"]);
            self.add(
                2,
                format!("[databases.{database}]\nengine = \"postgres\"\nstorage = \"{gigabytes}GB\"\nwrites = \"{writes}/s\"\n{overhead}"),
            );
        }
        for table in ["rows", "events"] {
            let size = if uncertain && random.chance(50) {
                "{ p50 = \"300B\", p90 = \"500B\" }".to_owned()
            } else {
                format!("\"{}B\"", 40 + random.below(1000))
            };
            let mut text = format!(
                "[tables.{table}]\ndatabase = \"{}\"\nkind = \"{}\"\nrow_size = {size}\nindexes = {}\n",
                random.pick(&["main", "cold"]),
                random.pick(&["snapshot", "event"]),
                random.below(4)
            );
            if random.chance(70) {
                text += &format!("retention = \"{}d\"\n", 1 + random.below(500));
            }
            if random.chance(30) {
                text += "compress = { after = \"7d\", ratio = 0.2 }\n";
            }
            if random.chance(30) {
                text += "existing = \"3GB\"\n";
            }
            self.add(2, text);
        }
        self.add(2, "[tables.daily]\ndatabase = \"main\"\nkind = \"rollup\"\nfrom = \"rows\"\nratio = 0.05\nrow_size = \"200B\"\nretention = \"2y\"\n".to_owned());
        self.add(2, format!("[tables.settings]\ndatabase = \"cold\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = {}\n", 1 + random.below(9)));
    }

    fn queues(&mut self, random: &mut Random, uncertain: bool) {
        let size = if uncertain {
            "{ p50 = \"2KB\", p90 = \"5KB\" }"
        } else {
            "\"2KB\""
        };
        self.add(
            2,
            format!(
                "[queues.stream]\nbroker = \"kafka\"\nmessage_size = {size}\nretention = \"3d\"\npartitions = {}\nreplay = 2\nreplication = 3\nstorage = \"10TB\"\n",
                1 + random.below(50)
            ),
        );
        self.add(
            2,
            format!(
                "[queues.jobs]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\nmax_depth = 500_000\ndrain = \"1h\"\n[queues.jobs.workers]\ncount = 2\nmax = {}\nrate = \"{}/s\"\n",
                5 + random.below(200),
                1 + random.below(10)
            ),
        );
    }

    fn feature(&mut self, random: &mut Random, name: &str, tiers: &[&str], uncertain: bool) {
        let mut text = format!("[features.{name}]\n");
        if random.chance(40) {
            text += &format!("tenants = [\"{}\"]\n", random.pick(tiers));
        }
        match random.below(4) {
            0 => text += "adoption = 0.4\n",
            1 => text += &format!("active = {}\n", 1 + random.below(100)),
            _ => {}
        }
        let call = format!(
            "{}:{}",
            random.pick(&["north", "south"]),
            random.pick(&["/a/", "/b/"])
        );
        text += &format!(
            "[[features.{name}.calls]]\nid = \"call\"\nendpoint = \"{call}\"\nrate = {}\n{}",
            rate(random, uncertain),
            random.pick(&[
                "",
                "per = \"account\"\n",
                "per = \"device\"\n",
                "per = \"project\"\n"
            ])
        );
        text += random.pick(&[
            "",
            "cache = { ttl = \"1h\", hit_ratio = 0.3 }\n",
            "cache = { ttl = \"15m\" }\n",
            "cache = { ttl = \"1h\", scope = \"shared\", keys = 500 }\n",
        ]);
        if random.chance(70) {
            text += &format!(
                "[[features.{name}.writes]]\nid = \"row\"\ntable = \"{}\"\nafter = \"call\"\nfanout = {}\n",
                random.pick(&["rows", "events"]),
                1 + random.below(20)
            );
        }
        if random.chance(60) {
            text += &format!(
                "[[features.{name}.messages]]\nid = \"message\"\nqueue = \"{}\"\nrate = {}\n",
                random.pick(&["stream", "jobs"]),
                rate(random, false)
            );
            if random.chance(50) {
                text += &format!(
                    "[[features.{name}.writes]]\nid = \"done\"\ntable = \"events\"\nafter = \"message\"\n"
                );
            }
        }
        self.add(1, text);
    }

    /// Adds a scenario of so many times as many tenants.
    pub fn add_scenario(&mut self, name: &str, times: f64) {
        self.add(
            0,
            format!("[scenarios.{name}]\ntenants = {times:?}\nrequire = \"report\"\n"),
        );
    }

    /// Takes all projected growth away.
    pub fn flatten(&mut self) {
        for (_, block) in &mut self.blocks {
            if block.starts_with("[tenants.") {
                *block = block
                    .lines()
                    .filter(|line| !line.contains("0d = "))
                    .fold(String::new(), |text, line| text + line + "\n");
            }
        }
    }

    /// The same with some declarations gone, some changed and some new.
    pub fn changed(&self, random: &mut Random) -> Self {
        let mut other = Self::random(&mut Random::new(random.next()), false);
        let header = |block: &str| block.lines().next().unwrap_or_default().to_owned();
        let mut blocks = Vec::new();
        for (file, block) in &self.blocks {
            let place = header(block);
            let at = other
                .blocks
                .iter()
                .position(|(_, new)| header(new) == place);
            let replacement = at.map(|at| other.blocks.remove(at));
            // Features may go; what they use must stay.
            if place.starts_with("[features.") && random.chance(30) {
                continue;
            }
            blocks.push(match replacement {
                Some(new) if random.chance(40) && !place.starts_with("[tenants.") => new,
                _ => (*file, block.clone()),
            });
        }
        let new = other
            .blocks
            .into_iter()
            .filter(|(_, block)| block.starts_with("[features.delta]"));
        let tiers = |block: &str| {
            ["pro", "team"]
                .iter()
                .any(|tier| block.contains(&format!("\"{tier}\"")))
        };
        blocks.extend(new.filter(|(_, block)| !tiers(block)));
        let mut changed = Self { blocks };
        changed.drop_unknown_tiers();
        changed
    }

    /// Features of tiers that do not exist are for all; entities forget such tiers.
    fn drop_unknown_tiers(&mut self) {
        let tiers: Vec<String> = self
            .blocks
            .iter()
            .filter_map(|(_, block)| block.strip_prefix("[tenants.")?.split_once(']'))
            .map(|(tier, _)| tier.to_owned())
            .collect();
        for (_, block) in &mut self.blocks {
            for tier in ["free", "pro", "team"] {
                if tiers.iter().any(|known| known == tier) {
                    continue;
                }
                *block = block.replace(&format!("tenants = [\"{tier}\"]\n"), "");
                if block.starts_with("[entities.account]") {
                    *block = "[entities.account]\nper_tenant = 3\n".to_owned();
                }
            }
        }
    }

    /// The same in another order, in other files.
    pub fn shuffled(&self, random: &mut Random) -> Self {
        let mut blocks = self.blocks.clone();
        for at in (1..blocks.len()).rev() {
            blocks.swap(at, random.below(at + 1));
        }
        for (file, block) in &mut blocks {
            let root_only = ["[project]", "[scenarios.", "[policy"];
            if !root_only.iter().any(|table| block.starts_with(table)) {
                *file = random.below(FILES.len());
            }
        }
        Self { blocks }
    }

    /// Its files, each feature, table and queue in one of its own; with so many more features that
    /// are as those that it has.
    pub fn apart(&self, more: usize) -> Vec<(String, String)> {
        let mut root = String::new();
        let mut files = Vec::new();
        for (_, block) in &self.blocks {
            let header = block.lines().next().unwrap_or_default();
            let name = header.trim_matches(['[', ']']).to_owned();
            match name.split_once('.') {
                Some(("features", _)) => {
                    for at in 0..=more {
                        let own = format!("{name}{at}");
                        let block = block.replace(&name, &own);
                        files.push((format!("{own}/capacity.toml"), block));
                    }
                }
                Some(("tables" | "queues", _)) => {
                    files.push((format!("{name}/capacity.toml"), block.clone()));
                }
                _ => root += &format!("{block}\n"),
            }
        }
        files.push(("capacity.toml".to_owned(), root));
        files.sort();
        files
    }

    /// Its files.
    pub fn files(&self) -> Vec<(String, String)> {
        FILES
            .iter()
            .enumerate()
            .map(|(index, path)| {
                let blocks = self.blocks.iter().filter(|(file, _)| *file == index);
                let text = blocks.map(|(_, block)| format!("{block}\n")).collect();
                ((*path).to_owned(), text)
            })
            .collect()
    }
}

fn number(random: &mut Random, uncertain: bool, least: usize, most: usize) -> String {
    let number = least + random.below(most);
    if uncertain && random.chance(50) {
        format!("{{ p50 = {number}, p90 = {} }}", 2 * number)
    } else {
        number.to_string()
    }
}

fn rate(random: &mut Random, uncertain: bool) -> String {
    let times = 1 + random.below(30);
    if uncertain && random.chance(60) {
        return format!("{{ p50 = \"{times}/day\", p90 = \"{}/day\" }}", 2 * times);
    }
    match random.below(3) {
        0 => format!("\"every {}\"", random.pick(&["15m", "1h", "1d"])),
        1 => format!("\"{times}/month\""),
        _ => format!("\"{times}/day\""),
    }
}
