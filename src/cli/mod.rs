//! Front door: the command line.
//!
//! Lives here: one room per command, and words for the terminal. Does not live here: flags
//! (`config`). Invariant: a command that fails says one clear line and exits with non-zero.

mod backup;
mod coverage;
mod demo;
mod drill;
mod export;
mod import;
mod keys;
mod migrate;
mod seed;
mod serve;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{Command, Common, Config, LanguageChoice};
use crate::http::openapi;
use crate::http::words::Language;
use crate::service::failure::Failure;
use crate::store::connection::DatabaseUrl;
use crate::store::fault::StoreFault;
use crate::telemetry;

/// Why a command failed, in one line.
#[derive(Debug)]
pub struct Failed(String);

impl From<String> for Failed {
    fn from(line: String) -> Self {
        Self(line)
    }
}

impl From<StoreFault> for Failed {
    fn from(fault: StoreFault) -> Self {
        Self(fault.to_string())
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        let problem = crate::http::problem::Problem::from(failure);
        Self(problem.line(Language::En))
    }
}

type Done = Result<(), Failed>;

fn database(common: &Common) -> Result<DatabaseUrl, Failed> {
    let url = DatabaseUrl::parse(common.url(), common.allow_plaintext_database)?;
    Ok(url.with_log_of(common.sqlite_log_mib))
}

fn language(common: &Common) -> Language {
    match common.language {
        Some(LanguageChoice::Zh) => Language::Zh,
        Some(LanguageChoice::En) => Language::En,
        None => common.locale().as_deref().and_then(Language::from_tag).unwrap_or(Language::En),
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let config = Config::parse();
    telemetry::start(&config.common.log);
    let common = &config.common;
    let outcome = match &config.command {
        Command::Serve(serve) => serve::run(common, serve),
        Command::Migrate => migrate::run(common),
        Command::Seed(options) => seed::run(common, options),
        Command::Import(options) => import::run(common, options),
        Command::Export(options) => export::run(common, options),
        Command::Coverage(options) => coverage::run(common, options),
        Command::Drill(options) => drill::run(common, options),
        Command::Keys(keys) => keys::run(common, keys),
        Command::Openapi => openapi(),
        Command::Verify(verify) => verify::run(common, verify),
        Command::Backup(options) => backup::run(common, options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(line)) => {
            say_error(&format!("changping: {line}"));
            ExitCode::FAILURE
        }
    }
}

/// One line to standard output; a closed pipe ends the program quietly.
fn say(line: &str) {
    use std::io::Write;
    if writeln!(std::io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

fn say_error(line: &str) {
    use std::io::Write;
    if writeln!(std::io::stderr().lock(), "{line}").is_err() {
        std::process::exit(1);
    }
}

fn openapi() -> Done {
    say(openapi::text(&openapi::document()).trim_end());
    Ok(())
}

/// Runs a future on a small runtime of its own.
fn block_on<T>(future: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}
