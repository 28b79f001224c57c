//! The texts of the pages and of the docs are the same.

use sanad_desk::text::not_protected_as_markdown;

#[test]
fn what_is_not_protected_is_the_same_list_on_the_page_and_in_the_docs() {
    let docs = include_str!("../../../../../docs/desk-threats.md");
    let (_, rest) = docs.split_once("## What is not protected\n").unwrap();
    let (section, _) = rest.split_once("\n## ").unwrap();
    let list: String = section
        .lines()
        .filter(|line| line.starts_with("- "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(list, not_protected_as_markdown());
}
