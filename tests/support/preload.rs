//! A C library that is preloaded into a program under test.
//!
//! What it does there is its test's business. Invariant: where none can be preloaded this is said,
//! never passed over in silence.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Compiles a source of this package to `library`, and gives its path; nothing, said past whatever
/// takes a test's words, on a system where it cannot be preloaded.
pub fn compile(source: &str, library: &Path) -> Option<String> {
    if !cfg!(target_os = "linux") {
        let text = format!("\n*** tests SKIPPED: {source} is preloaded as Linux does\n\n");
        let _unheard = std::io::stderr().write_all(text.as_bytes());
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread", "-o"]);
    let output = cc.arg(library).arg(source).output().expect("a C compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(library.display().to_string())
}
