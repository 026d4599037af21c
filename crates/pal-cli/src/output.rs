//! Where results go: standard output, or a file that appears only when it is complete.

pub mod az;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::printer::Failure;
use crate::temporary;

/// Runs `write` with the output; a file keeps its old content unless everything went well.
pub fn to<T>(
    path: Option<&Path>,
    write: impl FnOnce(Box<dyn Write + Send + '_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Some(path) = path else {
        return write(Box::new(BufWriter::with_capacity(1 << 16, io::stdout())));
    };
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::Failed(format!("cannot write {}: {error}", path.display()))
    };
    // A device or a pipe must not be replaced by a file.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(cannot(&"it is no file; leave --output out, and redirect the output"));
    }
    let mut file = temporary::file_in(folder_of(path)).map_err(|e| cannot(&e))?;
    let done = write(Box::new(BufWriter::with_capacity(1 << 16, file.as_file_mut())))?;
    set_mode(&file).map_err(|e| cannot(&e))?;
    file.persist(path).map_err(|e| cannot(&e.error))?;
    Ok(done)
}

/// The folder that a path is in; of a bare name the current one.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are private; results are as readable as other new files.
#[cfg(unix)]
fn set_mode(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn set_mode(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}
