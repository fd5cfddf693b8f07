//! What a plan of purchases says in sentences.

use crate::report::purchases::{AllAtOnce, Covered, ProjectPurchases, Purchase};
use crate::words::number;

use super::{about, money, packs, short};

/// Of an API: what is short, what takes too long to find out, all at once, and headroom.
pub(super) fn of_api(plan: &ProjectPurchases, of_api: &[Purchase]) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(of_use(plan, &of_api[0].api));
    words.extend(short_of(of_api));
    for one in of_api {
        let what = one.event.as_ref().unwrap_or(&one.month);
        if let Some(at_least) = one.at_least {
            let at_least = money(at_least);
            words.push(format!(
                "{what}: the search for the cheapest packs was cut off. These are the best found; none cost less than {at_least}."
            ));
        }
    }
    words.extend(of_api.iter().filter_map(|one| spare(plan, one)));
    if of_api.iter().any(|one| one.lower_bound) {
        words.push("≥: part of the demand is unknown, so it may be more.".to_owned());
    }
    let api = &of_api[0].api;
    let months = of_api.iter().filter(|one| one.event.is_none()).count();
    let at_once = plan.all_at_once.iter().find(|it| it.api == *api);
    // What is billed as it is used can't be bought ahead.
    let is_bought = |it: &&AllAtOnce| !it.buy.is_empty() || it.verdict == Covered::Short;
    let at_once = at_once.filter(|it| months > 1 && is_bought(it));
    words.extend(at_once.map(|it| all_at_once(plan, it, months)));
    words.extend(headroom(plan, &of_api[0]));
    words
}

/// That credits are missing: months in a row that miss as many are told together.
pub(in crate::render) fn short_of(of_api: &[Purchase]) -> impl Iterator<Item = String> {
    let is_same = |one: &Purchase, other: &Purchase| {
        let missing = |it: &Purchase| (it.verdict, it.short_by, it.lower_bound, it.buy.is_empty());
        one.event.is_none() && other.event.is_none() && missing(one) == missing(other)
    };
    of_api.chunk_by(is_same).filter_map(|alike| {
        let (first, last) = (alike.first()?, alike.last()?);
        let what = first.event.as_ref().unwrap_or(&first.month);
        let by = first.short_in_words();
        let start = match alike.len() {
            1 => format!("{what} runs short{by}"),
            _ => format!("{what} to {} each run short{by}", last.month),
        };
        (first.verdict == Covered::Short).then(|| match first.buy.is_empty() {
            true => format!("{start}: there are no packs to buy."),
            false => format!("{start}, even with all packs that can be bought."),
        })
    })
}

/// How far off planned use may be before it is said.
const OFF: f64 = 0.12;

/// That lately more or less was used than is planned.
fn of_use(plan: &ProjectPurchases, api: &str) -> Option<String> {
    let own = plan.for_the_vendor.iter().find(|it| it.api == api)?;
    let (planned, used) = (own.planned_per_day?, own.used_per_day?);
    let ratio = used / planned;
    ((ratio - 1.0).abs() > OFF).then(|| {
        let [used, planned] = [used, planned].map(|it| number::pieces(it.round()));
        let share = number::share(Some(ratio).filter(|it| it.is_finite()));
        format!(
            "Lately {used} credits a day were used, {share} of the {planned} that are planned: run `caplint calibrate` first."
        )
    })
}

/// That an event could use what its month has to spare.
fn spare(plan: &ProjectPurchases, one: &Purchase) -> Option<String> {
    let (event, with) = (one.event.as_ref()?, one.with_spare.as_ref()?);
    let (month, spare) = (&one.month, number::pieces(with.spare));
    let start = format!("{event} is bought by itself. {month} has {spare} credits to spare");
    let buy = [packs(&with.buy), as_used(with.overage)].concat();
    Some(match buy.is_empty() {
        true => format!("{start}: with those, nothing has to be bought for it."),
        false => {
            let (buy, price, currency) = (buy.join(" and "), about(with.price), &plan.currency);
            format!("{start}: with those, {buy} for {price} {currency} are enough.")
        }
    })
}

/// Credits that are billed as they are used.
pub(super) fn as_used(credits: f64) -> Vec<String> {
    let used = (credits > 0.0).then(|| format!("{} as used", number::pieces(credits)));
    used.into_iter().collect()
}

fn all_at_once(plan: &ProjectPurchases, it: &AllAtOnce, months: usize) -> String {
    let start = format!("All {months} months at once");
    if it.verdict == Covered::Short {
        let missing = it.short_by.map(number::pieces);
        let missing = missing.map_or(String::new(), |it| format!(": {it} credits are missing"));
        return format!("{start}: the declared packs can't cover them{missing}.");
    }
    let currency = &plan.currency;
    let buy = [packs(&it.buy), as_used(it.overage)].concat();
    let (buy, price) = (buy.join(" and "), about(it.price));
    let start = format!("{start}: {buy} for {price} {currency}");
    if !it.lasts {
        return format!("{start}, but its credits expire before they are used.");
    }
    match it.saving {
        Some(saving) if saving.0.is_zero() => format!("{start}, which saves nothing."),
        Some(saving) if saving.0.is_sign_positive() => {
            let (saving, earlier) = (about(saving), about(it.earlier));
            format!(
                "{start}. It saves {saving} {currency}, and {earlier} {currency} is paid earlier."
            )
        }
        _ => format!("{start}, which saves nothing."),
    }
}

fn headroom(plan: &ProjectPurchases, one: &Purchase) -> Option<String> {
    let headroom = one.headroom;
    let (price, verdict) = (headroom.price?, headroom.verdict?);
    let (price, downtime) = (about(price), money(headroom.downtime?));
    let (month, currency, verdict) = (&one.month, &plan.currency, verdict.as_str());
    Some(format!(
        "Headroom: in {month}, the credits past the median cost {price} {currency}, and an hour of downtime costs {downtime} {currency}: {verdict}."
    ))
}

/// What the choice between percentiles comes to.
pub(super) fn of_options(plan: &ProjectPurchases, one: &Purchase) -> Vec<String> {
    let mut words = Vec::new();
    let (policy, currency) = (&plan.confidence, &plan.currency);
    if let Some(cheaper) = &one.cheaper {
        let total = |percentile: &String| {
            let mut options = one.options.iter();
            let choice = options.find(|choice| choice.percentile == *percentile)?;
            let left_over = number::pieces(choice.expected_left_over);
            Some((about(choice.expected_total?), left_over))
        };
        if let (Some((less, fewer)), Some((more, left))) = (total(cheaper), total(policy)) {
            words.push(format!(
                "{cheaper} has a lower expected total than {policy}: {less} against {more} {currency}, with {fewer} credits left over against {left}."
            ));
        }
    }
    if let Some(it) = one.newsvendor {
        let ratio = number::count(it.ratio);
        let (missing, spare, advice) = (short(it.missing), short(it.spare), it.advice.as_str());
        let spare = match it.spare.0.is_zero() {
            true => "0 (credits don't expire)".to_owned(),
            false => format!("{spare} (credits expire)"),
        };
        words.push(format!(
            "{policy} acts as if a missing credit cost {ratio} times what a spare one does. These packs say: missing {missing}, spare {spare}: {advice}."
        ));
    }
    words
}
