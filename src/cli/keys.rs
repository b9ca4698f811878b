//! `keys`: make, list and revoke keys.
//!
//! Lives here: what is printed. Does not live here: the register. Invariant: a key's text is
//! printed once, when it is made.

use crate::config::{Common, CreateKey, Keys};
use crate::domain::access::Role;
use crate::domain::region::RegionCode;
use crate::service::access::{NewKey, create_key, keys, revoke_key};
use crate::service::book::Book;

use super::{Done, Failed, block_on, database, say};

pub(super) fn run(common: &Common, command: &Keys) -> Done {
    let book = Book::open(&database(common)?)?;
    let outcome = block_on(async {
        match command {
            Keys::Create(create) => make(&book, create).await,
            Keys::List => {
                list(&book);
                Ok(())
            }
            Keys::Revoke { id } => {
                let key = revoke_key(&book, *id).await?;
                say(&format!("revoked {} ({})", key.id, key.name));
                Ok(())
            }
        }
    });
    book.close();
    outcome
}

async fn make(book: &Book, create: &CreateKey) -> Done {
    let role = Role::parse(&create.role)
        .ok_or_else(|| Failed("--role is clerk, planner, province or admin".to_string()))?;
    let region = RegionCode::parse(&create.region)
        .ok_or_else(|| Failed("--region is a division code such as 3713".to_string()))?;
    let name = create.name.trim().to_string();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Failed("--name is 1 to 100 characters".to_string()));
    }
    let new = NewKey { role, region, name, expires_on: create.expires_on };
    let (text, key) = create_key(book, new).await?;
    say(&text);
    super::say_error(&format!(
        "key {} for {} ({}, region {}); it is not shown again",
        key.id,
        key.name,
        key.role.as_str(),
        key.region
    ));
    Ok(())
}

fn list(book: &Book) {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header(["id", "role", "region", "name", "expires_on", "state"]);
    for key in keys(&book.snapshot().reference) {
        table.add_row([
            key.id.to_string(),
            key.role.as_str().to_string(),
            key.region.to_string(),
            key.name.clone(),
            key.expires_on.map_or_else(String::new, |date| date.to_string()),
            if key.revoked { "revoked" } else { "valid" }.to_string(),
        ]);
    }
    say(&table.to_string());
}
