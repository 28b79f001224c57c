//! The calls by which this crate changes what is on the disk, in one place, so that tests can let
//! each of them fail in turn. Temporary files are not among them, nor is removing old answers and
//! empty folders, on which nothing depends. In a build without tests each call is the system's own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::hash::{Digest, Hasher};
use crate::scratch::is_scratch;

/// What is asked of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskCall {
    /// Open a file or folder that is there.
    Open,
    /// Create a file that is not there.
    Create,
    /// Create a folder.
    CreateFolder,
    /// Write bytes to a file.
    Write,
    /// Flush a file or folder to the disk.
    Flush,
    /// Give a file another name.
    Rename,
    /// Remove a file or folder.
    Remove,
}

/// A file that is being written, which hashes what passes through.
pub(crate) struct NewFile {
    file: File,
    hasher: Hasher,
}

impl NewFile {
    /// Creates a file that nobody has.
    ///
    /// # Errors
    ///
    /// If there is a file of that name, among others.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        perform(DiskCall::Create, path, || File::create_new(path))
            .map(|file| Self { file, hasher: Hasher::default() })
    }

    /// Flushes the file to the disk, unless it goes with the program, and says what was written. Length
    /// and hash of what passed through, not of what a disk may have made of it.
    pub(crate) fn finish(self, path: &Path) -> io::Result<Digest> {
        if !is_scratch(path) {
            perform(DiskCall::Flush, path, || self.file.sync_all())?;
        }
        Ok(self.hasher.finish())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = perform(DiskCall::Write, Path::new(""), || self.file.write(bytes))?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads a whole file. Reading is among the calls so that tests can let it fail.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    perform(DiskCall::Open, path, || fs::read(path))
}

/// Gives a file another name in one step; a file that has it is replaced.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    perform(DiskCall::Rename, to, || fs::rename(from, to))
}

/// Creates one folder, in one that is there.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    perform(DiskCall::CreateFolder, path, || fs::create_dir(path))
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    perform(DiskCall::Remove, path, || fs::remove_file(path))
}

/// Removes a folder with all that it holds.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    perform(DiskCall::Remove, path, || fs::remove_dir_all(path))
}

/// Opens the file that the one writer locks, and makes it where it is not there.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    perform(DiskCall::Open, path, || File::create(path))
}

/// Flushes a folder, so that names in it are kept, unless it goes with the program.
pub(crate) fn flush_folder(path: &Path) -> io::Result<()> {
    // Folders cannot be opened for flushing on every system; where they can, a failure counts.
    if cfg!(unix) && !is_scratch(path) {
        let handle = perform(DiskCall::Open, path, || File::open(path))?;
        perform(DiskCall::Flush, path, || handle.sync_all())?;
    }
    Ok(())
}

/// Does the call; tests put a version in its place that may fail.
#[cfg(not(test))]
fn perform<T>(_: DiskCall, _: &Path, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    call()
}

#[cfg(test)]
use faults::perform;

/// Calls that fail because a test says so.
#[cfg(test)]
pub(crate) mod faults {
    use std::cell::RefCell;
    use std::io;
    use std::path::Path;

    use super::DiskCall;

    /// How a call fails.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum CallFault {
        /// This one call is not done.
        Once,
        /// This call is done and reported as failed.
        Done,
        /// Neither this call nor any that follows is done: the disk is gone, or the process is.
        Forever,
    }

    /// Which calls fail.
    #[derive(Debug)]
    struct FaultPlan {
        fault: CallFault,
        /// Number of the first call that fails, from 0.
        first: usize,
        /// Calls seen.
        seen: usize,
        /// The call that failed first.
        failed: Option<String>,
    }

    /// Calls below a folder of this name fail for want of permission.
    type Forbidden = Vec<String>;

    thread_local! {
        static PLAN: RefCell<Option<FaultPlan>> = const { RefCell::new(None) };
        static FORBIDDEN: RefCell<Forbidden> = const { RefCell::new(Vec::new()) };
    }

    /// Runs `work` while the call number `first` of this thread fails; gives what it gave and the
    /// name of the call that failed, if there were that many.
    pub(crate) fn with_fault<T>(
        fault: CallFault,
        first: usize,
        work: impl FnOnce() -> T,
    ) -> (T, Option<String>) {
        PLAN.set(Some(FaultPlan { fault, first, seen: 0, failed: None }));
        let value = work();
        (value, PLAN.take().and_then(|plan| plan.failed))
    }

    /// Runs `work` while nothing below folders of these names can be changed.
    pub(crate) fn read_only<T>(folders: &[&str], work: impl FnOnce() -> T) -> T {
        FORBIDDEN.set(folders.iter().map(|name| (*name).to_owned()).collect());
        let value = work();
        FORBIDDEN.set(Vec::new());
        value
    }

    /// As [`read_only`], with `work` and all that it does side by side on threads of its own.
    pub(crate) fn read_only_on_threads<T: Send>(
        folders: &[&str],
        work: impl FnOnce() -> T + Send,
    ) -> T {
        let names: Vec<String> = folders.iter().map(|name| (*name).to_owned()).collect();
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .start_handler(move |_| FORBIDDEN.set(names.clone()));
        threads.build().unwrap().install(work)
    }

    fn is_forbidden(call: DiskCall, path: &Path) -> bool {
        let changes = !matches!(call, DiskCall::Open);
        changes
            && FORBIDDEN.with_borrow(|names| {
                names.iter().any(|name| path.iter().any(|part| part == name.as_str()))
            })
    }

    pub(super) fn perform<T>(
        call: DiskCall,
        path: &Path,
        work: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        if is_forbidden(call, path) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let fault = PLAN.with_borrow_mut(|plan| {
            let plan = plan.as_mut()?;
            let number = plan.seen;
            plan.seen += 1;
            let fails = match plan.fault {
                CallFault::Once | CallFault::Done => number == plan.first,
                CallFault::Forever => number >= plan.first,
            };
            if number == plan.first {
                plan.failed = Some(format!("{call:?} {}", path.display()));
            }
            fails.then_some(plan.fault)
        });
        let injected = || io::Error::other("injected failure");
        match fault {
            None => work(),
            Some(CallFault::Done) => work().and(Err(injected())),
            Some(_) => Err(injected()),
        }
    }
}
