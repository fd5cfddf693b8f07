//! "Did you mean": the nearest of some known words.

use crate::advice::Advice;
use crate::words::text::quotable;

/// Words longer than this are not typing errors of anything, and cost too much to compare.
const LONGEST: usize = 64;

/// What a misspelt word most likely stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant<'a> {
    /// The known word.
    pub word: &'a str,
    /// Whether no other is as near.
    pub alone: bool,
}

/// The candidate that `word` most likely stands for: the nearest by Damerau–Levenshtein distance,
/// at most a third of the word's length away (one edit where the word has three letters), a
/// difference of case alone counting as none. Of equally near ones the first. Nothing for words
/// of more than 64 characters.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Meant<'a>> {
    let length = length_up_to_longest(word)?;
    let allowed = length / 3;
    let folded = word.to_lowercase();
    let mut best: Option<(usize, Meant<'a>)> = None;
    for candidate in candidates {
        let Some(other) = length_up_to_longest(candidate) else {
            continue;
        };
        if length.abs_diff(other) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
        if distance > allowed {
            continue;
        }
        match &mut best {
            Some((least, _)) if *least < distance => {}
            Some((least, meant)) if *least == distance => meant.alone &= meant.word == candidate,
            _ => {
                let (word, alone) = (candidate, true);
                best = Some((distance, Meant { word, alone }));
            }
        }
    }
    best.map(|(_, meant)| meant)
}

/// The question whether a known word was meant. That is what to write where no other is as near.
pub fn did_you_mean(meant: Meant<'_>) -> Advice {
    let words = format!("did you mean `{}`?", quotable(meant.word));
    match meant.alone {
        true => Advice::name(words, meant.word),
        false => words.into(),
    }
}

/// The question whether the closest candidate was meant, or else what to do.
pub fn did_you_mean_or<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> Advice {
    closest(word, candidates).map_or_else(|| otherwise().into(), did_you_mean)
}

/// How many more names may be compared to tell what misspelt ones mean.
#[derive(Clone, Copy)]
pub(crate) struct Comparisons(pub(crate) usize);

impl Comparisons {
    /// The closest of the candidates that may still be compared.
    pub(crate) fn closest<'a>(
        &mut self,
        word: &str,
        candidates: impl Iterator<Item = &'a str>,
    ) -> Option<Meant<'a>> {
        let affordable = candidates.take_while(|_| {
            self.0 = self.0.saturating_sub(1);
            self.0 > 0
        });
        closest(word, affordable)
    }
}

/// The number of characters, or nothing where there are too many to compare.
fn length_up_to_longest(word: &str) -> Option<usize> {
    let length = word.chars().take(LONGEST + 1).count();
    (length <= LONGEST).then_some(length)
}
