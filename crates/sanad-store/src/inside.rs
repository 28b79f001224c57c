//! Paths that a file of somebody names, which must stay in the folder that the file is in. A case
//! or an observatory may come from anybody. Without this check, one could name a file of the
//! reader's own, and its text would turn up in a page or be copied with the folder.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

/// Whether a relative path names a file below the folder that it is joined to: no root, no `..`.
/// Only the letters are looked at; links are for [`file_in`].
pub(crate) fn is_below(relative: &Path) -> bool {
    let mut parts = relative.components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// The file `name` of `folder`.
///
/// # Errors
///
/// [`Error::Outside`] when it is another folder's, by its name or through a link.
pub(crate) fn file_in(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let outside = |target: PathBuf| Error::Outside { path: path.clone(), target };
    if !is_below(Path::new(name)) {
        return Err(outside(PathBuf::from(name)));
    }
    // What cannot be found is said when it is read.
    let (Ok(target), Ok(home)) = (path.canonicalize(), folder.canonicalize()) else {
        return Ok(path);
    };
    if target.starts_with(home) { Ok(path) } else { Err(outside(target)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_its_folder_is_told() {
        for inside in ["a.toml", "records/event/x.parquet", "a..b", "..a"] {
            assert!(is_below(Path::new(inside)), "{inside}");
        }
        for outside in ["", "/etc/passwd", "..", "../a", "records/../../a", "./../a"] {
            assert!(!is_below(Path::new(outside)), "{outside}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_lead_about_its_folder_and_not_out_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("case");
        std::fs::create_dir(&case).unwrap();
        for path in [folder.path().join("secret"), case.join("places.toml")] {
            std::fs::write(path, "").unwrap();
        }
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(target, case.join(name)).unwrap();
        };
        link("places.toml", "inside.toml");
        link("../secret", "outside.toml");
        link("/dev/zero", "device.toml");
        link("nowhere", "dangling.toml");
        for name in ["places.toml", "inside.toml", "dangling.toml", "missing.toml"] {
            assert_eq!(file_in(&case, name).unwrap(), case.join(name));
        }
        for name in ["outside.toml", "device.toml"] {
            let error = file_in(&case, name).unwrap_err().to_string();
            assert!(error.contains("leads out of its folder"), "{error}");
        }
        // The folder itself may be reached through a link.
        std::os::unix::fs::symlink(&case, folder.path().join("linked")).unwrap();
        assert!(file_in(&folder.path().join("linked"), "places.toml").is_ok());
    }
}
