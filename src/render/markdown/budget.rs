//! Lists that are cut to a budget of bytes, item by item, and say how many items are left out.

use super::super::number::plural;

/// Items under a head, such as the rows of one table.
pub(super) struct Group {
    pub(super) head: String,
    pub(super) items: Vec<String>,
}

pub(super) struct Section {
    /// What is written before the items that are not folded away.
    title: &'static str,
    noun: &'static str,
    /// What the fold's summary says about them: ` unchanged`.
    said: &'static str,
    /// The fold's whole summary, as HTML, where it says more than how many there are.
    summary: Option<String>,
    groups: Vec<Group>,
    open: usize,
    total: usize,
    keep: usize,
}

impl Section {
    /// A part with this many items that are not folded away.
    pub(super) fn new(
        title: &'static str,
        noun: &'static str,
        groups: Vec<Group>,
        open: usize,
    ) -> Self {
        let total = groups.iter().map(|group| group.items.len()).sum();
        Self {
            title,
            noun,
            said: "",
            summary: None,
            groups,
            open,
            total,
            keep: total,
        }
    }

    pub(super) fn folded(noun: &'static str, said: &'static str, groups: Vec<Group>) -> Self {
        Self {
            said,
            ..Self::new("", noun, groups, 0)
        }
    }

    /// A fold that says more than how many items it has.
    pub(super) fn titled(summary: String, noun: &'static str, groups: Vec<Group>) -> Self {
        Self {
            summary: Some(summary),
            ..Self::new("", noun, groups, 0)
        }
    }

    /// What is written before the first fold.
    fn write_open(&self, out: &mut String) {
        let open = self.open.min(self.keep);
        if open > 0 {
            out.push_str(self.title);
            self.slice(out, 0, open);
        }
    }

    /// The summary of what is folded away, as HTML, and that.
    fn folds(&self) -> Option<(String, String)> {
        if self.keep <= self.open {
            return None;
        }
        let count = self.keep - self.open;
        let more = if self.open > 0 { "more " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        let summary = match &self.summary {
            Some(summary) => summary.clone(),
            None => format!("{count} {more}{}{plural}{}", self.noun, self.said),
        };
        let mut body = String::new();
        self.slice(&mut body, self.open, self.keep);
        Some((summary, body))
    }

    /// What is left out.
    fn left_out(&self) -> Option<String> {
        let left = self.total - self.keep;
        (left > 0).then(|| format!("{}{}", plural(left, self.noun), self.said))
    }

    fn slice(&self, out: &mut String, from: usize, to: usize) {
        let mut first = 0;
        for group in &self.groups {
            let last = first + group.items.len();
            let (start, end) = (from.max(first), to.min(last));
            if start < end {
                out.push_str(&group.head);
                for item in &group.items[start - first..end - first] {
                    out.push_str(item);
                }
                out.push('\n');
            }
            first = last;
        }
    }

    /// No less than what it takes among others.
    pub(super) fn size(&self) -> usize {
        let mut out = String::new();
        self.write_open(&mut out);
        if let Some(fold) = self.folds() {
            out.push_str(&fold.0);
            write_fold(&mut out, &[fold]);
            out.push_str("<p><b></b></p>\n\n");
        }
        write_left_out(&mut out, self.left_out().as_slice());
        out.len()
    }
}

/// Sections in the order of reading. Neighbours with one number share a fold: each closed one
/// costs a line.
/// The subtitles are HTML, as summaries are: blocks in which nothing is read as Markdown.
pub(super) fn write(out: &mut String, sections: &[(u8, &Section)]) {
    let mut left = Vec::new();
    for alike in sections.chunk_by(|(one, _), (other, _)| one == other) {
        let mut folds = Vec::new();
        for (_, section) in alike {
            section.write_open(out);
            folds.extend(section.folds());
            left.extend(section.left_out());
        }
        write_fold(out, &folds);
    }
    write_left_out(out, &left);
}

fn write_fold(out: &mut String, parts: &[(String, String)]) {
    let summaries: Vec<&str> = parts.iter().map(|(summary, _)| summary.as_str()).collect();
    if summaries.is_empty() {
        return;
    }
    let summary = summaries.join(", ");
    out.push_str(&format!("<details><summary>{summary}</summary>\n\n"));
    for (summary, body) in parts {
        if parts.len() > 1 {
            out.push_str(&format!("<p><b>{summary}</b></p>\n\n"));
        }
        out.push_str(body);
    }
    out.push_str("</details>\n\n");
}

fn write_left_out(out: &mut String, left: &[String]) {
    if !left.is_empty() {
        let left = left.join(", ");
        out.push_str(&format!("_Left out to keep this short: {left}._\n\n"));
    }
}

/// Drops items until all parts together take no more than this many bytes: those of the part
/// with the lowest second number first, each from its end.
pub(super) fn fit(sections: &mut [(u8, u8, Section)], room: usize) {
    let mut sizes: Vec<usize> = sections.iter().map(|(_, _, it)| it.size()).collect();
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|index| sections[*index].1);
    for index in order {
        let all: usize = sizes.iter().sum();
        if all <= room {
            return;
        }
        let others = all - sizes[index];
        let section = &mut sections[index].2;
        // The most items that leave room for the others; none where the others alone are over.
        let (mut low, mut high) = (0, section.keep);
        while low < high {
            let middle = (low + high).div_ceil(2);
            section.keep = middle;
            if others + section.size() <= room {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        section.keep = low;
        sizes[index] = section.size();
    }
    // Even the notes on what was left out are too long: the parts go without a word.
    let mut all: usize = sizes.iter().sum();
    for (index, (_, _, section)) in sections.iter_mut().enumerate() {
        if all > room {
            section.total = 0;
            section.keep = 0;
            all -= sizes[index];
        }
    }
}
