//! What the program asks of the system before it touches anything secret.

use nix::errno::Errno;
use nix::sys::resource::{Resource, setrlimit};

/// Forbids the system to write the program's memory to disk when it crashes, and other programs of
/// the same user to read it. The limit cannot be raised again. Children inherit the limit.
///
/// What this does not stop: the administrator of the machine, and pages that are swapped out. Run
/// the desk on a machine without swap, or with encrypted swap.
///
/// # Errors
///
/// The system's own, where it does not allow it. The desk then does not start.
pub fn forbid_dumps() -> Result<(), Errno> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}
