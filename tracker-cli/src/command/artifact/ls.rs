//! `tracker artifact ls`: what a run made, and who used it.

use tracker_core::{
    Timestamp,
    read::{ArtifactVersion, RunReader, Store, User},
};

use crate::{
    answers::{
        command::artifacts::{Listed, Version},
        versioned::Versioned,
    },
    args::ArtifactLs,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::{ago, clean, size},
    },
    view::lineage::hash,
};

/// Runs `tracker artifact ls`.
pub(crate) fn run(store: &Store, args: &ArtifactLs) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    let versions = run.artifacts()?;
    let users = store.users_of(&run)?;
    if args.json {
        printer::json(&Versioned::new(answer(&run, &versions, &users)))?;
    } else {
        printer::text(&to_text(&run, &versions, &users))?;
    }
    printer::left_out_by(&run);
    Ok(())
}

fn answer<'a>(
    run: &'a RunReader,
    versions: &'a [ArtifactVersion],
    users: &'a [User],
) -> Listed<'a> {
    let version = |version| Version { version, used_by: of(version, users).collect() };
    let artifacts = versions.iter().map(version).collect();
    Listed { run: run.info().id.as_str(), artifacts }
}

/// Those who used this version.
fn of<'a>(version: &ArtifactVersion, users: &'a [User]) -> impl Iterator<Item = &'a User> {
    let (name, version) = (version.artifact.name.clone(), version.artifact.version.clone());
    users.iter().filter(move |user| user.name == name && user.version == version)
}

fn to_text(run: &RunReader, versions: &[ArtifactVersion], users: &[User]) -> String {
    if versions.is_empty() {
        return format!("run {} has no artifacts\n", clean(&run.info().name));
    }
    let aligns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left];
    let mut grid = Grid::new(aligns, printer::width());
    grid.header(["name", "version", "aliases", "size", "sha256", "made", "used by"]);
    let missing = || MISSING.to_owned();
    for known in versions {
        let artifact = &known.artifact;
        let aliases =
            if known.deleted { "deleted".to_owned() } else { artifact.aliases.join(", ") };
        let users: Vec<String> = of(known, users).map(|user| clean(&user.run_name)).collect();
        grid.row([
            clean(&artifact.name),
            clean(&artifact.version),
            clean(&aliases),
            artifact.bytes.map_or_else(missing, size),
            hash(artifact.sha256.as_deref()),
            ago(known.time, Timestamp::now()),
            users.join(", "),
        ]);
    }
    grid.lines().join("\n") + "\n"
}
