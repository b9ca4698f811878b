//! Tests of plans: states, budget line, order numbers.

use super::*;

fn line(line_no: u32, quantity: i64, price: Option<i64>) -> PlanLine {
    PlanLine {
        line_no,
        item: Code::parse("QUILT").unwrap(),
        priority: Some(1),
        net_gap: quantity,
        expiring: 0,
        growth: 0,
        confirmed_inbound: 0,
        pack: 1,
        quantity,
        price: price.map(|fen| (fen, PriceSource::Planner)),
        supplier: None,
        due_on: None,
        note: None,
    }
}

fn plan(budget_fen: Option<i64>, lines: Vec<PlanLine>) -> ProcurementPlan {
    ProcurementPlan {
        code: Code::parse("P-1").unwrap(),
        name: "P".to_string(),
        region: RegionCode::parse("3713").unwrap(),
        year: 2027,
        scope: PlanScope::Own,
        state: PlanState::Draft,
        budget_fen,
        planned_on: "2027-01-01".parse().unwrap(),
        ledger_seq: 1,
        reference_rev: 1,
        lines,
        open_needs: Vec::new(),
    }
}

#[test]
fn the_budget_is_drawn_line_by_line() {
    let lines =
        vec![line(1, 10, Some(100)), line(2, 5, None), line(3, 2, Some(300)), line(4, 1, Some(1))];
    let plan = plan(Some(1_600), lines);
    let costs: Vec<_> = plan.costs().into_iter().map(|(_, cost)| cost).collect();
    let cumulative: Vec<i64> = costs.iter().map(|cost| cost.cumulative_fen).collect();
    assert_eq!(cumulative, [1_000, 1_000, 1_600, 1_601]);
    let within: Vec<_> = costs.iter().map(|cost| cost.within_budget).collect();
    assert_eq!(within, [Some(true), None, Some(true), Some(false)]);
    let expected = Totals {
        amount_fen: 1_601,
        within_budget_fen: 1_600,
        lines_unpriced: 1,
        first_beyond: Some(4),
    };
    assert_eq!(plan.totals(), expected);
}

#[test]
fn states_follow_each_other() {
    use PlanState as P;
    let mut passages = Vec::new();
    for from in P::ALL {
        passages.extend(P::ALL.into_iter().filter(|to| from.may_become(*to)).map(|to| (from, to)));
    }
    let expected = [
        (P::Draft, P::Approved),
        (P::Draft, P::Cancelled),
        (P::Approved, P::Ordered),
        (P::Approved, P::Cancelled),
        (P::Ordered, P::Cancelled),
    ];
    assert_eq!(passages, expected);
}

#[test]
fn an_order_number_may_name_a_line() {
    let named = named_line("LY-2027/12").map(|(plan, line)| (plan.to_string(), line));
    assert_eq!(named, Some(("LY-2027".to_string(), 12)));
    for other in ["LY-2027", "LY-2027/", "LY-2027/0", "LY-2027/x", "临应急采/1", "LY/99999", "/1"]
    {
        assert_eq!(named_line(other), None, "{other}");
    }
}
