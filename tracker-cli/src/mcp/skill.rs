//! A guide for coding agents: how trainings are judged.

use rmcp::model::{
    Resource, ResourceContents, Skill, SkillFrontmatter, SkillResource, SkillResources,
};

/// The guide, as a file for an agent's folder of skills.
pub(crate) const TEXT: &str = include_str!("SKILL.md");

/// Where a client reads the same.
pub(super) const URI: &str = "skill://tracker/SKILL.md";

/// What stands at the head of the guide.
const NAME: &str = "tracker";
const DESCRIPTION: &str = "Judges machine-learning trainings with tracker, which run is better, whether one diverges, \
    what to ask first, and when not to conclude. Use it when asked about runs, experiments, losses, seeds, sweeps or \
    why a training went wrong.";
const KIND: &str = "text/markdown";

pub(super) fn resource() -> Resource {
    Resource::new(URI, NAME)
        .with_title("How to judge trainings")
        .with_description(DESCRIPTION)
        .with_mime_type(KIND)
        .with_size(TEXT.len() as u64)
}

pub(super) fn contents() -> ResourceContents {
    ResourceContents::text(TEXT, URI).with_mime_type(KIND)
}

pub(super) fn skill() -> Skill {
    let file = SkillResource::from_bytes(URI, TEXT.as_bytes());
    let head = SkillFrontmatter::new(NAME, DESCRIPTION);
    Skill::new(URI, head, SkillResources::Files(vec![file]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_the_guide_says_what_the_protocol_says() {
        let head = TEXT.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
        assert_eq!(head, format!("name: {NAME}\ndescription: {DESCRIPTION}"));
        skill().validate().unwrap();
    }

    #[test]
    fn the_guide_is_short_enough_to_be_read() {
        assert!(TEXT.lines().count() < 120 && TEXT.len() < 8 << 10, "{}", TEXT.len());
    }
}
