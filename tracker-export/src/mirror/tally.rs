//! An account that can be written down and added to by another process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Account;

/// The most reasons and names that are told apart.
const MOST: usize = 1_000;

/// What came over and what did not, over the life of several processes. As an [`Account`] says it; of very many reasons
/// or names the first 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Tally {
    /// How many things of each kind came over.
    pub kept: BTreeMap<String, u64>,
    /// What was left out, and why.
    pub left_out: Vec<LeftOutCount>,
    /// What has another name on the other side, by its name here.
    pub renamed: BTreeMap<String, String>,
}

/// So many things of a kind were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOutCount {
    /// Of what kind they are, in the plural.
    pub what: String,
    /// Why, as the end of a sentence.
    pub why: String,
    /// How many.
    pub count: u64,
}

impl Tally {
    /// Adds what an account says.
    pub fn add(&mut self, account: &Account) {
        for (what, count) in account.kept() {
            *self.kept.entry((*what).to_owned()).or_default() += count;
        }
        for (left_out, count) in account.left_out() {
            self.leave_out(left_out.what, &left_out.why, *count);
        }
        for (from, to) in account.renamed() {
            if self.renamed.len() < MOST || self.renamed.contains_key(from) {
                self.renamed.insert(from.clone(), to.clone());
            }
        }
    }

    /// The same with what another one says added.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (what, count) in &other.kept {
            *self.kept.entry(what.clone()).or_default() += count;
        }
        for left_out in &other.left_out {
            self.leave_out(&left_out.what, &left_out.why, left_out.count);
        }
        self.renamed.extend(other.renamed.clone());
        self
    }

    fn leave_out(&mut self, what: &str, why: &str, count: u64) {
        let is_known = |known: &&mut LeftOutCount| known.what == what && known.why == why;
        if let Some(known) = self.left_out.iter_mut().find(is_known) {
            known.count += count;
        } else if self.left_out.len() < MOST {
            self.left_out.push(LeftOutCount { what: what.to_owned(), why: why.to_owned(), count });
        } else if let Some(last) = self.left_out.last_mut() {
            "other things".clone_into(&mut last.what);
            "for more reasons than are listed".clone_into(&mut last.why);
            last.count += count;
        }
    }
}

impl From<&Account> for Tally {
    fn from(account: &Account) -> Self {
        let mut tally = Self::default();
        tally.add(account);
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_processes_counted_is_one_tally_and_reads_back() {
        let mut account = Account::default();
        account.keep("points", 3);
        account.leave_out("tables", "it has none", 1);
        account.rename("a", "b");
        let mut tally = Tally::from(&account);
        tally.add(&account);
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally);
        assert_eq!(tally.kept["points"], 6);
        assert_eq!(tally.left_out[0].count, 2);
        assert_eq!(tally.renamed["a"], "b");
    }

    #[test]
    fn any_number_of_reasons_takes_bounded_room_and_none_is_uncounted() {
        let mut tally = Tally::default();
        for number in 0..5_000 {
            tally.leave_out("parts", &format!("reason {number}"), 1);
        }
        assert_eq!(tally.left_out.len(), MOST);
        assert_eq!(tally.left_out.iter().map(|left_out| left_out.count).sum::<u64>(), 5_000);
    }
}
