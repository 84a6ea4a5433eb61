//! By what runs are grouped, and which of their values counts.

use std::{convert::Infallible, fmt, str::FromStr};

use tracker_core::read::{settings_by_path, shown_setting};

use crate::view::groups::member::Member;

/// What stands before a setting's path that is a word of its own too, such as `config:tag`.
const SETTING: &str = "config:";

/// What the runs of a group share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// What the run was told to be of. A trial of a study without a group belongs to its study.
    Group,
    Study,
    Project,
    /// A run belongs to the group of each of its tags.
    Tag,
    /// A setting's path.
    Setting(String),
}

impl By {
    /// What it is called: a word, or the setting's path.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Group => "group",
            Self::Study => "study",
            Self::Project => "project",
            Self::Tag => "tag",
            Self::Setting(path) => path,
        }
    }

    /// The groups that a run belongs to; none if it has nothing to be grouped by.
    pub(crate) fn groups_of(&self, member: &Member<'_>) -> Vec<String> {
        let info = member.run.info();
        match self {
            Self::Group => info.group_or_study().map(str::to_owned).into_iter().collect(),
            Self::Study => info.study().map(str::to_owned).into_iter().collect(),
            Self::Project => vec![info.project.clone()],
            Self::Tag => info.tags.clone(),
            Self::Setting(path) => {
                let settings = settings_by_path(&info.config);
                let found = settings.into_iter().find(|(known, _)| known == path);
                found.map(|(_, value)| shown_setting(Some(value))).into_iter().collect()
            }
        }
    }

    /// The group of the runs that have nothing to be grouped by.
    pub(crate) fn none(&self) -> &'static str {
        if *self == Self::Tag { "no tag" } else { "none" }
    }

    /// A group's name in a sentence, where a bare value such as `0.1` would say nothing.
    pub(crate) fn label(&self, group: &str) -> String {
        let Self::Setting(path) = self else { return group.to_owned() };
        let word = path.rsplit('.').next().unwrap_or(path);
        format!("{word}={group}")
    }
}

impl FromStr for By {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "group" => Self::Group,
            "study" => Self::Study,
            "project" => Self::Project,
            "tag" => Self::Tag,
            path => Self::Setting(path.strip_prefix(SETTING).unwrap_or(path).to_owned()),
        })
    }
}

/// Which value of a run counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The best, as far as it is known which is better, else the last.
    Best,
    Last,
    Step(u64),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "best" => Ok(Self::Best),
            "last" => Ok(Self::Last),
            step => {
                step.parse().map(Self::Step).map_err(|_| "it is best, last or a step".to_owned())
            }
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best => f.write_str("best"),
            Self::Last => f.write_str("last"),
            Self::Step(step) => step.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_called_as_a_word_is_named_with_what_it_is() {
        let by = |text: &str| text.parse::<By>().unwrap();
        assert_eq!(by("tag"), By::Tag);
        assert_eq!(by("config:tag"), By::Setting("tag".to_owned()));
        assert_eq!(by("optimizer.lr"), By::Setting("optimizer.lr".to_owned()));
        assert_eq!(by("optimizer.lr").label("0.1"), "lr=0.1");
        assert_eq!(by("group").label("0.1"), "0.1");
    }
}
