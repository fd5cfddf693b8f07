//! `init`: options and questions become the answers, and those two files.

use std::io::{BufRead, ErrorKind, Read, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::cli::World;
use crate::cli::args::Init;
use crate::cli::edit::{read_text, unwritable};
use crate::error::Error;
use crate::init::{self, Answers, Api, Feature, openapi};
use crate::limits::FILE_BYTES;
use crate::states::CAPACITY_FILE;

/// Days until the first feature is launched, where nobody has said: it is planned, not running.
const PLANNED_DAYS: i64 = 30;

/// How often a question is asked before it is given up.
const TRIES: usize = 3;

pub(super) fn init(arguments: &Init, world: &mut World<'_>) -> Result<u8, Error> {
    let folder = world.dir.join(&arguments.dir);
    let file = folder.join(CAPACITY_FILE);
    // A link to nothing is there, too.
    if file.symlink_metadata().is_ok() {
        return Err(exists(&arguments.dir.join(CAPACITY_FILE)));
    }
    let mut answers = from_options(arguments, &folder, world)?;
    if !arguments.yes {
        let around = project_around(&folder);
        if world.asks {
            ask(arguments, &mut answers, around.as_deref(), world)?;
        } else if says_nothing(arguments) {
            return Err(Error::usage("there is no terminal to ask on").with_help("use options, for example `caplint init --tenants free=3600,pro=1200 --api twilio=100/s`, or `--yes`; see `caplint init --help`"));
        } else if let Some(around) = around {
            let message = format!(
                "`{}` is a project, and this folder is in it",
                around.display()
            );
            return Err(Error::usage(message).with_help("write a capacity.toml without `[project]` here, which belongs to it; or pass --yes to make a second project"));
        }
    }
    complete(&mut answers);
    let spec = answers.feature.spec.clone();
    let (text, problem) = init::first_project(&answers, world.today);
    let is_assumed = text.lines().any(|line| line.starts_with("assumed ="));
    let cannot = |path: &Path| unwritable(path.display().to_string());
    std::fs::create_dir_all(&folder).map_err(cannot(&folder))?;
    write_new(&file, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(&arguments.dir.join(CAPACITY_FILE)),
        _ => cannot(&file)(error),
    })?;
    let shown = |path: &str| {
        let path = arguments.dir.join(path);
        let path = path.strip_prefix(".").unwrap_or(&path);
        format!("`{}`", path.display())
    };
    let mut written = vec![shown(CAPACITY_FILE)];
    if answers.calls() && folder.join(&spec).symlink_metadata().is_err() {
        let path = folder.join(&spec);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(cannot(parent))?;
        let name = &answers.feature.name;
        let stub = format!("# {name}\n\nWhat it does, for whom, and how often.\n");
        write_new(&path, &stub).map_err(cannot(&path))?;
        written.push(shown(&spec));
    }
    world.tell(format_args!("wrote {}", written.join(" and ")));
    match problem {
        None if is_assumed => world.tell(
            "next: replace the values that `project.assumed` lists, then run `caplint check`",
        ),
        None => world
            .tell("next: declare tenants, APIs, databases and features, then run `caplint check`"),
        Some(problem) => world.tell(format_args!("`caplint check` will say: {problem}")),
    }
    Ok(0)
}

fn exists(path: &Path) -> Error {
    Error::usage(format!("there is `{}` already", path.display())).with_help(
        "edit it, or choose another folder: `caplint init DIR`; init never overwrites files",
    )
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// The file of the project that a folder is in, up to the top of its repository.
fn project_around(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    let mut at = folder.as_path();
    while !at.join(".git").exists() {
        at = at.parent()?;
        let file = at.join(CAPACITY_FILE);
        let text = read_text(&file, FILE_BYTES).unwrap_or_default();
        let is_project = |table: toml::Table| table.contains_key("project");
        if text.parse().is_ok_and(is_project) {
            return Some(file);
        }
    }
    None
}

/// Whether no option says anything of the project.
fn says_nothing(arguments: &Init) -> bool {
    let no_options = Init {
        dir: arguments.dir.clone(),
        ..Init::default()
    };
    *arguments == no_options
}

fn option<T>(name: &str, read: Result<T, String>) -> Result<T, Error> {
    read.map_err(|problem| Error::usage(format!("`--{name}`: {problem}")))
}

fn given<T>(
    name: &str,
    value: &Option<String>,
    read: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Error> {
    option(name, value.as_deref().map(read).transpose())
}

fn from_options(arguments: &Init, folder: &Path, world: &World<'_>) -> Result<Answers, Error> {
    let name = match &arguments.name {
        Some(name) if name.trim().is_empty() => {
            return option("name", Err("it is empty".to_owned()));
        }
        Some(name) => name.trim().to_owned(),
        None => folder_name(folder),
    };
    let feature = given("feature", &arguments.feature, init::name)?
        .unwrap_or_else(|| "first-feature".to_owned());
    let spec =
        given("spec", &arguments.spec, inside)?.unwrap_or_else(|| format!("specs/{feature}.md"));
    let databases = arguments.database.iter();
    let databases = databases.map(|text| option("database", init::database(text)));
    Ok(Answers {
        currency: given("currency", &arguments.currency, init::currency)?
            .unwrap_or_else(|| "USD".to_owned()),
        tenants: given("tenants", &arguments.tenants, init::tenants)?.unwrap_or_default(),
        growth: given("growth", &arguments.growth, init::growth)?,
        apis: apis(arguments, world)?,
        databases: databases.collect::<Result<_, _>>()?,
        feature: Feature {
            owner: arguments.owner.clone().unwrap_or_else(|| name.clone()),
            spec,
            launch: world.today.plus_days(PLANNED_DAYS),
            name: feature,
        },
        name,
    })
}

/// A path below the project's folder, with `/` between its names.
fn inside(path: &str) -> Result<String, String> {
    let mut parts = Path::new(path).components();
    let below = parts.all(|part| matches!(part, Component::Normal(_)));
    if path.is_empty() || !below {
        return Err(format!("`{path}` is not a path below the project's folder"));
    }
    Ok(path.replace('\\', "/"))
}

fn folder_name(folder: &Path) -> String {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let plain: PathBuf = full.components().collect();
    let name = plain.file_name();
    let name = name.and_then(|name| init::slug(&name.to_string_lossy()));
    name.unwrap_or_else(|| "project".to_owned())
}

fn apis(arguments: &Init, world: &World<'_>) -> Result<Vec<Api>, Error> {
    let mut apis: Vec<Api> = Vec::new();
    for text in &arguments.api {
        let api = option("api", init::api(text))?;
        if apis.iter().any(|other| other.name == api.name) {
            return option("api", Err(format!("`{}` is given twice", api.name)));
        }
        apis.push(api);
    }
    let only = match (apis.as_slice(), arguments.from.len()) {
        ([api], 1) => Some(api.name.clone()),
        _ => None,
    };
    for text in &arguments.plan {
        let read = init::of_api(text, "twilio=2500000@1499", init::plan);
        let (name, plan) = option("plan", read)?;
        entry(&mut apis, &name).plan = Some(plan);
    }
    for text in &arguments.budget {
        let (name, budget) = option("budget", init::of_api(text, "twilio=2400", init::money))?;
        entry(&mut apis, &name).budget = Some(budget);
    }
    for path in &arguments.from {
        let document = document(path, world)?;
        let title = document.title.as_deref().and_then(init::slug);
        let stem = path.file_stem();
        let stem = stem.and_then(|stem| init::slug(&stem.to_string_lossy()));
        let name = only.clone().or(title).or(stem);
        let name = name.unwrap_or_else(|| "api".to_owned());
        let api = entry(&mut apis, &name);
        api.endpoints.extend(document.paths);
        api.tags.extend(document.tags);
    }
    for text in &arguments.endpoint {
        let (name, path) = option("endpoint", init::endpoint(text))?;
        entry(&mut apis, &name).endpoints.push(path);
    }
    for api in &mut apis {
        let mut seen = std::collections::HashSet::new();
        api.endpoints.retain(|path| seen.insert(path.clone()));
    }
    Ok(apis)
}

/// An API, which comes to be where it is not there yet.
fn entry<'a>(apis: &'a mut Vec<Api>, name: &str) -> &'a mut Api {
    let index = apis.iter().position(|api| api.name == name);
    let index = index.unwrap_or(apis.len());
    if index == apis.len() {
        apis.push(Api {
            name: name.to_owned(),
            ..Api::default()
        });
    }
    &mut apis[index]
}

fn document(path: &Path, world: &World<'_>) -> Result<openapi::Document, Error> {
    read_text(&world.dir.join(path), openapi::MAX_BYTES)
        .and_then(|text| openapi::read(&text))
        .map_err(|problem| Error::usage(format!("`{}`: {problem}", path.display())))
}

/// Adds what makes the declarations hold together: an API without endpoints gets one, and
/// tenants that nothing is about get a database.
fn complete(answers: &mut Answers) {
    for api in &mut answers.apis {
        if api.endpoints.is_empty() {
            api.endpoints.push("/".to_owned());
        }
    }
    if answers.apis.is_empty() && answers.databases.is_empty() && !answers.tenants.is_empty() {
        answers.databases.push(("main".to_owned(), None));
    }
}

/// Asks for what no option says.
fn ask(
    arguments: &Init,
    answers: &mut Answers,
    around: Option<&Path>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let mut asker = Asker {
        stdin: world.stdin,
        stderr: world.stderr,
    };
    let path = arguments.dir.join(CAPACITY_FILE);
    let path = path.strip_prefix(".").unwrap_or(&path).display();
    asker.tell(&format!(
        "This creates `{path}`. Press Enter to accept the value in brackets."
    ));
    if let Some(around) = around {
        let question = format!(
            "`{}` is a project already, and this folder is in it. Make a second one?",
            around.display()
        );
        if !asker.ask(&question, "no", yes_or_no)? {
            return Err(Error::usage("nothing was written").with_help("write a capacity.toml without `[project]` here, which belongs to the project above"));
        }
    }
    let not_empty = |text: &str| Ok(text.to_owned());
    if arguments.name.is_none() {
        answers.name = asker.ask("The project's name", &answers.name, not_empty)?;
    }
    if arguments.currency.is_none() {
        answers.currency = asker.ask("Its currency", &answers.currency, init::currency)?;
    }
    if arguments.tenants.is_none() {
        let question = "Tenants by tier, such as free=3600,pro=1200";
        answers.tenants = asker.ask(question, "", init::tenants)?;
    }
    if arguments.growth.is_none() && !answers.tenants.is_empty() {
        let question = "Tenant growth per month, such as 5%";
        answers.growth = asker.ask(question, "", or_nothing(init::growth))?;
    }
    ask_apis(answers, &mut asker)?;
    if arguments.database.is_empty() {
        let question = "A database and its disk, such as main=100GB";
        let database = asker.ask(question, "", or_nothing(init::database))?;
        answers.databases.extend(database);
    }
    if answers.apis.is_empty() {
        return Ok(());
    }
    let feature = &mut answers.feature;
    if arguments.feature.is_none() {
        feature.name = asker.ask("The feature that calls it", &feature.name, init::name)?;
    }
    if arguments.owner.is_none() {
        feature.owner = asker.ask("Its owner", &answers.name, not_empty)?;
    }
    if arguments.spec.is_none() {
        feature.spec = asker.ask("Its spec", &format!("specs/{}.md", feature.name), inside)?;
    }
    Ok(())
}

/// Asks for APIs where no option names one, and for what is not said of those that are.
fn ask_apis(answers: &mut Answers, asker: &mut Asker<'_>) -> Result<(), Error> {
    let asks_for_more = answers.apis.is_empty();
    let mut known = std::mem::take(&mut answers.apis).into_iter();
    loop {
        let question = "A metered API and its rate limit, such as twilio=100/s";
        let mut api = match known.next() {
            Some(api) => api,
            None if asks_for_more => match asker.ask(question, "", or_nothing(init::api))? {
                Some(api) => api,
                None => return Ok(()),
            },
            None => return Ok(()),
        };
        let name = &api.name;
        if api.endpoints.is_empty() {
            let question = format!("The endpoints of {name} that you call, separated by spaces");
            let list = |text: &str| Ok(text.split_whitespace().map(str::to_owned).collect());
            api.endpoints = asker.ask(&question, "", list)?;
        }
        if api.plan.is_none() {
            let question =
                format!("The plan of {name}, credits per month and price, such as 2500000@1499");
            api.plan = asker.ask(&question, "", or_nothing(init::plan))?;
        }
        if api.budget.is_none() {
            let question = format!("The monthly budget of {name}, such as 2400");
            api.budget = asker.ask(&question, "", or_nothing(init::money))?;
        }
        answers.apis.retain(|other| other.name != api.name);
        answers.apis.push(api);
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err("answer yes or no".to_owned()),
    }
}

fn or_nothing<T>(
    read: impl Fn(&str) -> Result<T, String>,
) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |text| match text {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

struct Asker<'a> {
    stdin: &'a mut dyn BufRead,
    stderr: &'a mut dyn std::io::Write,
}

impl Asker<'_> {
    /// Nobody is left to be asked where standard error is gone: the next line is not read.
    fn tell(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{text}");
    }

    fn ask<T>(
        &mut self,
        question: &str,
        default: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        for _ in 0..TRIES {
            let hint = if default.is_empty() { "none" } else { default };
            let asked =
                write!(self.stderr, "{question} [{hint}]: ").and_then(|()| self.stderr.flush());
            let mut line = String::new();
            // A line of a terminal is short; one that is not is no answer.
            let mut limited = Read::take(&mut *self.stdin, 64 * 1024);
            let length = asked.and_then(|()| limited.read_line(&mut line));
            let length = length.unwrap_or(0);
            if length == 0 {
                let message = "the questions ended early; nothing was written";
                return Err(Error::usage(message));
            }
            let answer = line.trim();
            match read(if answer.is_empty() { default } else { answer }) {
                Ok(value) => return Ok(value),
                Err(problem) => self.tell(&format!("  {problem}")),
            }
        }
        let message = format!("no answer to \"{question}\"; nothing was written");
        Err(Error::usage(message))
    }
}
