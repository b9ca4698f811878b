//! The program: hands over to the command line.

use std::process::ExitCode;

/// Many small values come and go with every request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    changping::cli::main()
}
