//! The rules about models: figures, boundaries, and when they are silent.

use crate::support::findings::{of_rule, only, silent, words};

/// A thousand `pro` and ten `free` tenants, of whom `pro` transcribe twice a day 1.5 minutes.
fn whisper(keys: &str, line: &str) -> String {
    format!(
        "[tenants]\npro = {{ now = 1_000, 30d = 1_000 }}\nfree = {{ now = 10, 30d = 10 }}\n\
         [entities]\nseat = {{ per_tenant = {{ pro = 4 }} }}\nmachine = {{ count = 50 }}\n\
         [models.whisper]\nunit = \"minute\"\n{keys}\n\
         [features.captions]\nspec = \"spec.md\"\nowner = \"media\"\nadoption = 0.1\n\
         [[features.captions.inference]]\nid = \"run\"\nmodel = \"whisper\"\n\
         rate = \"2/day\"\nunits = 1.5\n{line}\n"
    )
}

const PRO: &str = "tenants = [\"pro\"]";

fn quota(quota: &str, line: &str) -> String {
    let keys = format!("price = 0.01\nbudget = 400\ntenant_quota = {quota}");
    whisper(&keys, line)
}

#[test]
fn a_budget_is_asked_of_what_costs_money() {
    const RULE: &str = "model-without-budget";
    // 100 adopting tenants · 3 minutes · 30 days · 0.01.
    let finding = only(&whisper("price = 0.01", PRO), RULE);
    assert_eq!(
        finding.message,
        "`models.whisper` costs money and has no `budget`: it costs 90.00 USD a month"
    );
    assert_eq!(finding.figure, Some(90.0));
    silent(&whisper("", PRO), RULE);
    silent(&whisper("price = 0", PRO), RULE);
    silent(&whisper("price = 0.01\nbudget = \"much\"", PRO), RULE);
}

#[test]
fn a_quota_is_asked_for_what_is_counted_per_tenant() {
    const RULE: &str = "model-without-tenant-quota";
    let priced = "price = 0.01\nbudget = 400";
    for counted in [PRO, "per = \"seat\""] {
        let finding = only(&whisper(priced, counted), RULE);
        assert_eq!(finding.related.len(), 1, "the line");
    }
    for apart in ["per = \"project\"", "per = \"machine\""] {
        silent(&whisper(priced, apart), RULE);
    }
    silent(&whisper("capacity = \"60/min\"", PRO), RULE);
}

#[test]
fn a_tier_that_the_quotas_leave_out_has_none() {
    const RULE: &str = "model-without-tenant-quota";
    let text = quota("{ pro = \"300/month\" }", "");
    let finding = only(&text, RULE);
    assert!(
        finding.message.ends_with("for `free`"),
        "{}",
        finding.message
    );
    assert_eq!(words(&text, &finding), "{ pro = \"300/month\" }");
    silent(&quota("{ pro = \"300/month\" }", PRO), RULE);
    silent(&quota("{ all = \"300/month\" }", ""), RULE);
    silent(&quota("\"300/month\"", ""), RULE);
    // What is wrong with the quota of `free` is said as such.
    silent(
        &quota("{ pro = \"300/month\", free = \"little\" }", ""),
        RULE,
    );
}

#[test]
fn use_may_fill_a_quota() {
    const RULE: &str = "quota-below-use";
    silent(&quota("{ pro = \"90/month\" }", PRO), RULE);
    silent(&quota("{ pro = \"3/day\" }", PRO), RULE);
    let text = quota("{ pro = \"60/month\" }", PRO);
    let finding = only(&text, RULE);
    assert_eq!(
        finding.message,
        "a `pro` tenant's use of `whisper` passes its quota: 3 minute a day × 30 days = 90 of \
         60/month"
    );
    assert_eq!(finding.figure, Some(1.5));
    assert_eq!(finding.subject, "models.whisper.tenant_quota.pro");
    assert_eq!(
        finding.help.as_deref(),
        Some("raise `models.whisper.tenant_quota.pro` to `\"90/month\"`")
    );
}

#[test]
fn all_lines_of_a_tenant_count_with_retries_and_what_it_has() {
    const RULE: &str = "quota-below-use";
    // Four seats.
    let seats = quota("{ pro = \"359/month\" }", "per = \"seat\"");
    assert_eq!(only(&seats, RULE).figure, Some(360.0 / 359.0));
    let again = "[[features.captions.inference]]\nid = \"again\"\nmodel = \"whisper\"\n\
                 after = \"run\"\nfanout = 2\nunits = 1\n";
    let two = quota("{ pro = \"209/month\" }", PRO) + again;
    assert_eq!(only(&two, RULE).figure, Some(210.0 / 209.0));
    let retried = quota("{ pro = \"98/month\" }\nretry_ratio = 0.1", PRO);
    let figure = only(&retried, RULE).figure;
    assert!(figure.is_some_and(|figure| (figure - 99.0 / 98.0).abs() < 1e-12));
    // Not of one tenant.
    silent(&quota("\"1/month\"", "per = \"machine\""), RULE);
    silent(&quota("\"1/month\"", "per = \"project\""), RULE);
}

#[test]
fn one_quota_for_all_is_named_once_by_the_tier_that_passes_it_most() {
    let text = quota("\"60/month\"", "");
    let finding = only(&text, "quota-below-use");
    assert_eq!(finding.subject, "models.whisper.tenant_quota");
}

#[test]
fn units_have_quotas_of_their_own() {
    let text = "[tenants]\npro = { now = 10, 30d = 10 }\n\
        [models.llm]\nprice = { per = 1_000_000, input = 1.00, output = 10.00 }\nbudget = 100\n\
        [models.llm.tenant_quota.pro]\ninput = \"10M/month\"\noutput = \"100k/month\"\n\
        [features.chat]\n[[features.chat.inference]]\nid = \"answer\"\nmodel = \"llm\"\n\
        rate = \"10/day\"\nunits = { input = 1000, output = 400 }\n";
    let finding = only(text, "quota-below-use");
    assert!(
        finding
            .message
            .ends_with("4,000 output a day × 30 days = 120,000 of 100,000/month"),
        "{}",
        finding.message
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("raise the quota, or run the model less often")
    );
    silent(text, "quota-over-budget");
    // 10 + 90 = the budget.
    let large = text.replace("100k/month", "9M/month");
    let figure = only(&large, "quota-over-budget").figure;
    assert!(figure.is_some_and(|share| (share - 1.0).abs() < 1e-12));
}

#[test]
fn a_quota_that_can_spend_the_whole_budget_is_over_it() {
    const RULE: &str = "quota-over-budget";
    silent(&quota("{ pro = \"39_999/month\" }", PRO), RULE);
    let text = quota("{ pro = \"40_000/month\" }", PRO);
    let finding = only(&text, RULE);
    assert_eq!(
        finding.message,
        "one `pro` tenant alone could spend the month's 400.00 USD on `whisper`: 40,000 minute \
         for 400.00 USD"
    );
    silent(
        &whisper("price = 0.01\ntenant_quota = \"40_000/month\"", PRO),
        RULE,
    );
    silent(
        &whisper("budget = 400\ntenant_quota = \"40_000/month\"", PRO),
        RULE,
    );
}

#[test]
fn ten_times_the_budget_may_be_promised() {
    const RULE: &str = "quota-oversubscribed";
    // 1,000 tenants of whom each may spend 4 of 400.
    silent(&quota("{ pro = \"400/month\" }", PRO), RULE);
    let finding = only(&quota("{ pro = \"500/month\" }", PRO), RULE);
    assert_eq!(
        finding.message,
        "all tenants at quota could spend 12.5 times the month's 400.00 USD on \
         `models.whisper`: 1,000 `pro` × 5.00 USD = 5,000.00 USD"
    );
    assert_eq!(finding.figure, Some(12.5));
    // The quota of one tenant is then the cause.
    let alone = quota("{ pro = \"50_000/month\" }", PRO);
    silent(&alone, RULE);
    assert_eq!(of_rule(&alone, "quota-over-budget").len(), 1);
}

#[test]
fn a_price_counts_for_ninety_days() {
    let looked_up = |date: &str| whisper(&format!("price = 0.01\nprice_as_of = {date}"), PRO);
    silent(&looked_up("2026-08-24"), "price-stale");
    let finding = only(&looked_up("2026-08-23"), "price-stale");
    assert_eq!(finding.figure, Some(91.0));
    silent(&looked_up("2027-01-01"), "price-stale");
    silent(&whisper("price = 0.01", PRO), "price-stale");
}
