//! Which names somebody may have meant.

/// The names that are nearest to one that is not there, three at most.
pub(super) fn near<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let mut found: Vec<(usize, &str)> = among
        .filter_map(|other| distance(&wanted, &other.to_lowercase()).map(|far| (far, other)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How far apart two names are; `None` if nobody would take one for the other. Nearest are those of which one
/// ends in the other: `lr` for `optimizer.lr`.
fn distance(wanted: &str, other: &str) -> Option<usize> {
    if other.ends_with(wanted) || wanted.ends_with(other) {
        return Some(0);
    }
    if wanted.len() > 2 && other.contains(wanted) {
        return Some(1);
    }
    let changes = changes(wanted, other);
    (changes <= (wanted.chars().count() / 3).max(1)).then_some(changes + 1)
}

/// How many characters to add, leave out or replace.
fn changes(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, letter) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = index + 1;
        for (place, other) in b.iter().enumerate() {
            let replaced = before + usize::from(letter != *other);
            before = row[place + 1];
            row[place + 1] = replaced.min(before + 1).min(row[place] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_near_that_end_alike_contain_each_other_or_are_misspelt() {
        let names = ["optimizer.lr", "lr_decay", "seed", "valid/accuracy", "valid/loss"];
        let near = |name| near(name, names.into_iter());
        assert_eq!(near("lr"), ["optimizer.lr"]);
        assert_eq!(near("accuracy"), ["valid/accuracy"]);
        assert_eq!(near("sead"), ["seed"]);
        assert_eq!(near("valid/los"), ["valid/loss"]);
        assert_eq!(near("loss"), ["valid/loss"]);
        assert_eq!(near("nothing like it"), [""; 0]);
    }
}
