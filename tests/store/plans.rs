//! Plans drafted from a snapshot that another Book has left behind: stored by what stands there.
//!
//! What callers are told over HTTP is in `tests/http/plans`. Invariant: no plan takes the code of
//! one that the snapshot did not have, and none is stored for a region that has left the scope.

use std::sync::Arc;

use changping::domain::access::{Principal, Role};
use changping::domain::position::Position;
use changping::domain::procurement::PlanScope;
use changping::domain::reference::Record;
use changping::domain::region::Region;
use changping::service::book::{Book, Kept, plain_amendment};
use changping::service::failure::Failure;
use changping::service::plans::{Asked, create};

use crate::support::desk::Desk;
use crate::support::on_both;
use crate::support::world::{
    CITY, COUNTY_A, COUNTY_B, block_on, code, region, region_code, settle,
};

fn asked(region: &str, text: Option<&str>) -> Asked {
    Asked {
        code: text.map(code),
        name: "plan".to_string(),
        region: region_code(region),
        year: 2_190,
        scope: PlanScope::Own,
        budget_fen: None,
        growth: Vec::new(),
        prices: Vec::new(),
    }
}

/// Drafts a plan from a snapshot; its code is the body, or the refusal.
async fn draft(
    book: &Book,
    position: &Arc<Position>,
    principal: &Principal,
    key: &str,
    asked: Asked,
) -> Result<Kept, Failure> {
    let asker = (principal.clone(), None);
    let tell = Box::new(|plan: &changping::domain::procurement::ProcurementPlan, _: &Position| {
        plan.code.to_string()
    });
    let key = (key.to_string(), [7; 32]);
    let render =
        Box::new(|refusal: &changping::domain::refusal::Refusal| (409, format!("{refusal:?}")));
    create(book, Arc::clone(position), asker, key, asked, (tell, render)).await
}

fn told(outcome: Result<Kept, Failure>) -> (u16, String) {
    let kept = outcome.unwrap();
    (kept.status, kept.body)
}

#[test]
fn a_code_is_given_by_what_another_book_has_stored() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        let operator = Principal::operator("test");
        block_on(async {
            let before = books[1].read().await;
            let numbered = |number: u32| (201, format!("P371300000000-2190-{number}"));
            let (first, second) = (&books[0].book, &books[1].book);
            let plan = || asked(CITY, None);
            assert_eq!(told(draft(first, &before, &operator, "a", plan()).await), numbered(1));
            // The second drafts from a snapshot without it.
            assert_eq!(told(draft(second, &before, &operator, "b", plan()).await), numbered(2));
            let named = || asked(CITY, Some("MINE"));
            let made = told(draft(first, &before, &operator, "c", named()).await);
            assert_eq!(made, (201, "MINE".to_string()));
            let (status, body) = told(draft(second, &before, &operator, "d", named()).await);
            assert_eq!(status, 409);
            assert!(body.contains("PlanState") && body.contains("draft"), "{body}");
            assert_eq!(books[1].read().await.reference.plans.len(), 3);
        });
        for desk in books {
            desk.book.close();
        }
    });
}

#[test]
fn a_region_that_has_left_the_scope_is_unknown_when_its_plan_is_stored() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        let scope = Some(region_code(COUNTY_A));
        let role = Role::Planner;
        let planner = Principal { role, region: scope, ..Principal::operator("test") };
        let town = format!("{COUNTY_A}555");
        let moved = Region { parent: Some(region_code(COUNTY_B)), ..region(&town) };
        block_on(async {
            let records = vec![Record::Region(region(&town))];
            books[0].book.amend(plain_amendment(records)).await.unwrap();
            let before = books[1].read().await;
            let (first, second) = (&books[0].book, &books[1].book);
            let plan = || asked(&town, None);
            let (status, _) = told(draft(second, &before, &planner, "a", plan()).await);
            assert_eq!(status, 201);
            first.amend(plain_amendment(vec![Record::Region(moved)])).await.unwrap();
            let (status, body) = told(draft(second, &before, &planner, "b", plan()).await);
            assert_eq!(status, 409);
            assert!(body.contains("UnknownReference"), "{body}");
            assert_eq!(books[1].read().await.reference.plans.len(), 1);
        });
        for desk in books {
            desk.book.close();
        }
    });
}
