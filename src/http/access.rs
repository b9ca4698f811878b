//! The caller: who asks, what the role may do, and the snapshot that the answer comes from.
//!
//! Lives here: permission as a type in a handler's signature. Does not live here: the role table
//! (`domain::access`). Invariant: a handler that takes a `Caller` runs only for a role that may.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use crate::domain::access::{Action, Principal};
use crate::domain::calendar::Instant;
use crate::domain::position::Position;
use crate::domain::region::{RegionCode, RegionIx};
use crate::service::access::{Credential, authenticate, authorise, demo_principal};
use crate::service::book::{Book, Reading};
use crate::service::failure::Failure;

use super::problem::Problem;
use super::state::{App, Mode};

/// A permission as a type.
pub trait Permission {
    /// The action of the role table.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($name:ident),* $(,)?) => {
        /// One type per action of the role table.
        pub mod may {
            $(
                #[doc = concat!("Permission for `Action::", stringify!($name), "`.")]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl super::Permission for $name {
                    const ACTION: super::Action = super::Action::$name;
                }
            )*
        }
    };
}

permissions!(
    ReadSelf,
    ReadReference,
    ReadStock,
    ReadMovements,
    ReadPlanning,
    ReadSummaries,
    Record,
    Plan,
    WriteReference,
);

/// Who asks, with a role that may do `P`.
pub struct Caller<P> {
    pub principal: Principal,
    /// The key by which the principal was recognised; none in a demo.
    pub credential: Option<Credential>,
    pub position: Arc<Position>,
    pub stale_since: Option<Instant>,
    pub book: Book,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    /// The place of a region in scope.
    ///
    /// # Errors
    /// 404 for a code that is unknown or out of scope.
    pub fn region(&self, code: RegionCode) -> Result<RegionIx, Problem> {
        let regions = &self.position.reference.regions;
        regions
            .find(code)
            .filter(|ix| self.principal.sees(regions, *ix))
            .ok_or_else(|| Failure::not_found("region", code).into())
    }

    /// The region asked for, or the root of the caller's scope; `None` is everything.
    ///
    /// # Errors
    /// 404 for a code that is unknown or out of scope.
    pub fn region_or_scope(&self, code: Option<RegionCode>) -> Result<Option<RegionIx>, Problem> {
        match code.or(self.principal.region) {
            Some(code) => self.region(code).map(Some),
            None => Ok(None),
        }
    }
}

/// The text of the key that a request carries.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

type Known = (Principal, Option<Credential>);

/// Who asks, by these reference data, if the role may do `P`.
fn recognise<P: Permission>(
    mode: Mode,
    key: Option<&str>,
    position: &Position,
) -> Result<Known, Failure> {
    let (principal, credential) = match (mode, key) {
        (Mode::Demo, _) => (demo_principal(), None),
        (Mode::Keys, Some(key)) => {
            let (principal, credential) = authenticate(position, key)?;
            (principal, Some(credential))
        }
        (Mode::Keys, None) => return Err(Failure::Unauthenticated),
    };
    authorise(&principal, P::ACTION)?;
    Ok((principal, credential))
}

/// A fresh snapshot, and who asks by it.
async fn read<P: Permission>(app: &App, key: Option<&str>) -> Result<(Reading, Known), Failure> {
    let reading = app.book.read().await?;
    let known = recognise::<P>(app.mode, key, &reading.position)?;
    Ok((reading, known))
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let key = bearer(request).map(str::to_string);
        Box::pin(async move {
            let app = app.ok_or_else(|| Failure::Broken("no application state".to_string()))?;
            let book = &app.book;
            let (reading, known) = if P::ACTION.is_judged_under_the_lock() {
                let last = Reading { position: book.snapshot(), stale_since: None };
                match recognise::<P>(app.mode, key.as_deref(), &last.position) {
                    Ok(known) => (last, known),
                    // The key may be younger than the last snapshot.
                    Err(_) if key.is_some() => read::<P>(&app, key.as_deref()).await?,
                    Err(failure) => return Err(failure.into()),
                }
            } else {
                read::<P>(&app, key.as_deref()).await?
            };
            Ok(Self {
                principal: known.0,
                credential: known.1,
                position: reading.position,
                stale_since: reading.stale_since,
                book: book.clone(),
                permission: PhantomData,
            })
        })
    }
}
