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

    pub(super) fn write(&self, out: &mut String) {
        if self.total == 0 {
            return;
        }
        let open = self.open.min(self.keep);
        if open > 0 {
            out.push_str(self.title);
            self.slice(out, 0, open);
        }
        if self.keep > open {
            let more = if self.open > 0 { "more " } else { "" };
            let plural = if self.keep - open == 1 { "" } else { "s" };
            let (count, noun, said) = (self.keep - open, self.noun, self.said);
            let summary = match &self.summary {
                Some(summary) => summary.clone(),
                None => format!("{count} {more}{noun}{plural}{said}"),
            };
            out.push_str(&format!("<details><summary>{summary}</summary>\n\n"));
            self.slice(out, open, self.keep);
            out.push_str("</details>\n\n");
        }
        if self.keep < self.total {
            let (items, said) = (plural(self.total - self.keep, self.noun), self.said);
            out.push_str(&format!(
                "_Left out to keep this short: {items}{said}._\n\n"
            ));
        }
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

    pub(super) fn size(&self) -> usize {
        let mut out = String::new();
        self.write(&mut out);
        out.len()
    }
}

/// Drops items until all parts together take no more than this many bytes: those of the part
/// with the lowest number first, each from its end.
pub(super) fn fit(sections: &mut [(usize, Section)], room: usize) {
    let mut sizes: Vec<usize> = sections.iter().map(|(_, section)| section.size()).collect();
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|index| sections[*index].0);
    for index in order {
        let all: usize = sizes.iter().sum();
        if all <= room {
            return;
        }
        let others = all - sizes[index];
        let section = &mut sections[index].1;
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
    for (index, (_, section)) in sections.iter_mut().enumerate() {
        if all > room {
            section.total = 0;
            section.keep = 0;
            all -= sizes[index];
        }
    }
}
