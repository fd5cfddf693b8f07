//! Short words for what the tests ask and check.

use std::path::Path;

use caplint::error::Error;
use caplint::source::{FileId, Snapshot, SourceMap};
use caplint::states::{
    Asked, Base, Comparison, Environment, State, Surroundings, Which, read_comparison, read_state,
};

use crate::support::repo::Repo;

pub(crate) fn surroundings(repo: &Repo, dir: &Path, more: &[(&str, &str)]) -> Surroundings {
    let mut variables = repo.environment();
    variables.extend(
        more.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    Surroundings {
        dir: dir.to_owned(),
        environment: Environment::new(variables),
    }
}

pub(crate) fn check(repo: &Repo, which: &Which) -> Result<State, Error> {
    read_state(&surroundings(repo, &repo.path, &[]), which)
}

pub(crate) fn revision(name: &str) -> Which {
    Which::Revision(name.into())
}

pub(crate) fn read(repo: &Repo, which: &Which) -> Vec<String> {
    state_texts(&check(repo, which).expect("it can be read"))
}

pub(crate) fn work_tree(repo: &Repo) -> State {
    check(repo, &Which::WorkTree).expect("the working tree can be read")
}

pub(crate) fn asked(sides: &[&str]) -> Asked {
    Asked {
        sides: sides.iter().map(Into::into).collect(),
        staged: false,
    }
}

pub(crate) fn staged(sides: &[&str]) -> Asked {
    Asked {
        staged: true,
        ..asked(sides)
    }
}

pub(crate) fn diff_in(
    repo: &Repo,
    more: &[(&str, &str)],
    asked: &Asked,
) -> Result<Comparison, Error> {
    read_comparison(&surroundings(repo, &repo.path, more), asked)
}

pub(crate) fn diff(repo: &Repo, sides: &[&str]) -> Comparison {
    diff_in(repo, &[], &asked(sides)).expect("the sides can be compared")
}

/// The exit code and the first line of the message.
pub(crate) fn failure<T>(result: Result<T, Error>) -> (u8, String) {
    match result {
        Ok(_) => panic!("it should fail"),
        Err(error) => (error.exit_code(), error.to_string()),
    }
}

/// The help of the error.
pub(crate) fn help<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("it should fail"),
        Err(error) => error.help().unwrap_or_default().to_owned(),
    }
}

/// Paths and texts, as `path=text`.
pub(crate) fn texts(sources: &SourceMap, snapshot: &Snapshot) -> Vec<String> {
    snapshot
        .files
        .iter()
        .map(|id| sources.file(*id))
        .map(|file| match &file.flaw {
            None => format!("{}={}", file.path, file.text),
            Some(flaw) => format!("{}!{flaw:?}", file.path),
        })
        .collect()
}

pub(crate) fn state_texts(state: &State) -> Vec<String> {
    texts(&state.sources, &state.head)
}

pub(crate) fn head_texts(comparison: &Comparison) -> Vec<String> {
    texts(&comparison.sources, &comparison.head)
}

pub(crate) fn base_texts(comparison: &Comparison) -> Vec<String> {
    match &comparison.base {
        Base::Snapshot(snapshot) => texts(&comparison.sources, snapshot),
        Base::SavedReport(_) => vec!["report".into()],
        Base::Nothing => vec!["nothing".into()],
    }
}

pub(crate) fn base_commit(comparison: &Comparison) -> String {
    match &comparison.base {
        Base::Snapshot(snapshot) => snapshot.commit.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

pub(crate) fn listing(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.listing.iter().collect()
}

/// The files that both sides share.
pub(crate) fn shared(comparison: &Comparison) -> Vec<String> {
    let Base::Snapshot(base) = &comparison.base else {
        return Vec::new();
    };
    let is_in_head = |id: &&FileId| comparison.head.files.contains(id);
    base.files
        .iter()
        .filter(is_in_head)
        .map(|id| comparison.sources.file(*id).path.to_string())
        .collect()
}
