//! "Did you mean": the nearest of some known words.

/// Words longer than this are not typing errors of anything, and cost too much to compare.
const LONGEST: usize = 64;

/// The candidate that `word` most likely stands for: the nearest by Damerau–Levenshtein distance,
/// at most a third of the word's length away (one edit where the word has three letters), a
/// difference of case alone counting as none. Of equally near ones the first. Nothing for words
/// of more than 64 characters.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = length_up_to_longest(word)?;
    let allowed = length / 3;
    let folded = word.to_lowercase();
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let Some(other) = length_up_to_longest(candidate) else {
            continue;
        };
        if length.abs_diff(other) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The number of characters, or nothing where there are too many to compare.
fn length_up_to_longest(word: &str) -> Option<usize> {
    let length = word.chars().take(LONGEST + 1).count();
    (length <= LONGEST).then_some(length)
}
