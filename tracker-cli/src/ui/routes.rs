//! Which address is answered by whom.

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Query, Request, State},
    http::header,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::ValueEnum;
use futures_util::stream;
use serde::de::DeserializeOwned;
use tracker_core::Level;

use crate::{
    answers::{
        flight::Flights,
        page::{
            at::{Marks, StepAt},
            code::RunPatch,
            comparison::Comparison,
            divergence::Divergence,
            edits::{KnobsAsked, Stopped},
            groups::{GroupTable, RunGroups},
            lineage::Lineage,
            many::{Changes, Many, ProjectNotes},
            media::{JoinedTables, TableRows},
            recorded::{Artifacts, Events, Histograms, MessagePage},
            run::{RunDetail, Runs},
            store::Store,
            studies::{Studies, StudyDetail, StudySurface},
            views::{NamedView, RemovedView, Views},
        },
        versioned::Versioned,
    },
    ui::{
        assets,
        curves::answer::{self, CurvesRequest},
        failure::{Answer, Failure},
        guard::layer::guard,
        live,
        report::request::{self, ReportAsked},
        responses::{
            artifacts, at as at_step, code, comparison, divergence,
            edits::{self, EditRequest, KnobValues, StopAsked},
            flights as flights_of,
            groups::{self as groups_of, GroupsAsked},
            lineage,
            many::{self, ManyAsked, NotesAsked, RenameAsked, UndoAsked},
            marks as marks_of, media as media_of, message_filter, recorded, runs as responses,
            studies as studies_of,
            tables::{self, JoinAsked},
            views::{self, RemoveAsked, SaveAsked},
        },
        state::App,
    },
    view::groups::{At, TableFormat},
};

/// The largest body that is read: a request for the curves of 10,000 runs is smaller.
pub(crate) const MOST_BODY: usize = 1 << 20;

/// The parameters of a request's query, in their order.
type Parameters = Vec<(String, String)>;

/// The server's routes, and those that are given, behind its guard, which also takes the base path away: so it stands before
/// what looks for the route.
pub(crate) fn router(app: App, more: Router<App>) -> Router {
    let routes = routes().merge(more).with_state(app.clone());
    Router::new().fallback_service(routes).layer(middleware::from_fn_with_state(app, guard))
}

fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/store", get(store))
        .route("/api/v1/runs", get(runs))
        .route("/api/v1/runs/{id}", get(run))
        .route("/api/v1/runs/{id}/events", get(events))
        .route("/api/v1/runs/{id}/at", get(at))
        .route("/api/v1/runs/{id}/messages", get(messages))
        .route("/api/v1/runs/{id}/histograms", get(histograms))
        .route("/api/v1/runs/{id}/artifacts", get(list_artifacts))
        .route("/api/v1/runs/{id}/artifacts/{number}/content", get(content))
        .route("/api/v1/runs/{id}/lineage", get(list_lineage))
        .route("/api/v1/runs/{id}/media", get(media))
        .route("/api/v1/runs/{id}/media/{hash}", get(media_content))
        .route("/api/v1/runs/{id}/flights", get(flights))
        .route("/api/v1/runs/{id}/tables/{hash}", get(table))
        .route("/api/v1/tables/join", post(join_tables))
        .route("/api/v1/runs/{id}/patch", get(patch))
        .route("/api/v1/runs/{id}/edit", post(edit))
        .route("/api/v1/runs/{id}/stop", post(stop))
        .route("/api/v1/runs/{id}/knobs", post(set_knobs))
        .route("/api/v1/many", post(change_many))
        .route("/api/v1/changes", get(changes))
        .route("/api/v1/undo", post(undo))
        .route("/api/v1/projects/{name}/rename", post(rename_project))
        .route("/api/v1/projects/{name}/notes", get(project_notes).post(write_project_notes))
        .route("/api/v1/projects/{project}/views", get(list_views))
        .route("/api/v1/projects/{project}/views/{view}", get(one_view))
        .route("/api/v1/projects/{project}/views/{view}/save", post(save_view))
        .route("/api/v1/projects/{project}/views/{view}/rename", post(rename_view))
        .route("/api/v1/projects/{project}/views/{view}/remove", post(remove_view))
        .route("/api/v1/studies", get(studies))
        .route("/api/v1/studies/{project}/{study}", get(study))
        .route("/api/v1/studies/{project}/{study}/surface", get(study_surface))
        .route("/api/v1/compare", get(compare))
        .route("/api/v1/groups", get(groups))
        .route("/api/v1/groups/table", get(group_table))
        .route("/api/v1/diverge", get(find_divergence))
        .route("/api/v1/marks", get(marks))
        .route("/api/v1/curves", post(curves))
        .route("/api/v1/report", post(make_report))
        .route("/api/v1/live", get(follow))
        .method_not_allowed_fallback(wrong_method)
        .fallback(page)
}

async fn store(State(app): State<App>, query: Query<Parameters>) -> Answer<Json<Versioned<Store>>> {
    known(&query, &[])?;
    app.read_json(responses::store).await
}

async fn runs(State(app): State<App>, query: Query<Parameters>) -> Answer<Json<Versioned<Runs>>> {
    known(&query, &["project"])?;
    let project = value(&query, "project");
    app.read_json(move |app| responses::runs(app, project.as_deref())).await
}

async fn run(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<RunDetail>>> {
    known(&query, &[])?;
    app.read_json(move |app| responses::run(app, &app.library().find(&id)?)).await
}

async fn events(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Events>>> {
    known(&query, &[])?;
    app.read_json(move |app| recorded::events(&app.snapshot(&id)?.read())).await
}

async fn at(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<StepAt>>> {
    known(&query, &["step"])?;
    let step = number(&query, "step")?.ok_or_else(|| Failure::bad_request("`step` is missing"))?;
    app.read_json(move |app| at_step::at(&app.snapshot(&id)?.read(), step)).await
}

async fn messages(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<MessagePage>>> {
    let filter = message_filter::of(&query.0)?;
    app.read_json(move |app| recorded::messages(&app.library().find(&id)?, &filter)).await
}

async fn histograms(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Histograms>>> {
    known(&query, &["name", "most"])?;
    let name = value(&query, "name").ok_or_else(|| Failure::bad_request("`name` is missing"))?;
    let most = match value(&query, "most") {
        Some(most) => most.parse().ok().filter(|most| (1..=4096).contains(most)),
        None => Some(200),
    };
    let most = most.ok_or_else(|| Failure::bad_request("`most` is a number from 1 to 4096"))?;
    app.read_json(move |app| recorded::histograms(&app.snapshot(&id)?.read(), &name, most)).await
}

async fn list_artifacts(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Artifacts>>> {
    known(&query, &[])?;
    app.read_json(move |app| artifacts::list(&app.snapshot(&id)?.read())).await
}

async fn list_lineage(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Lineage>>> {
    known(&query, &[])?;
    app.read_json(move |app| lineage::lineage(app.library(), &app.snapshot(&id)?.read())).await
}

/// The names of all media; with `name`, those of one at a step.
async fn media(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Response> {
    known(&query, &["name", "step"])?;
    let step = number(&query, "step")?;
    let Some(name) = value(&query, "name") else {
        let names = app.read_json(move |app| media_of::names(&app.snapshot(&id)?.read()));
        return Ok(names.await?.into_response());
    };
    let at = app.read_json(move |app| media_of::at(&app.snapshot(&id)?.read(), &name, step));
    Ok(at.await?.into_response())
}

/// What the flight recorder stored.
async fn flights(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Flights>>> {
    known(&query, &["step"])?;
    let step = number(&query, "step")?;
    app.read_json(move |app| flights_of::flights(&app.library().find(&id)?, step)).await
}

async fn media_content(
    State(app): State<App>,
    Path((id, hash)): Path<(String, String)>,
    query: Query<Parameters>,
) -> Answer<Response> {
    known(&query, &[])?;
    let found = move |app: &App| media_of::MediaContent::find(&app.library().find(&id)?, &hash);
    Ok(app.read(found).await?.into_response())
}

async fn table(
    State(app): State<App>,
    Path((id, hash)): Path<(String, String)>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<TableRows>>> {
    known(&query, &["from", "count", "sort", "filter"])?;
    let [from, count] = [number(&query, "from")?, number(&query, "count")?];
    let count = count.unwrap_or(100);
    if count > tables::MOST_ROWS as u64 {
        return Err(Failure::bad_request(format!("`count` is at most {}", tables::MOST_ROWS)));
    }
    let wanted = tables::Wanted {
        from: usize::try_from(from.unwrap_or(0)).unwrap_or(usize::MAX),
        count: count as usize,
        sort: value(&query, "sort"),
        filter: value(&query, "filter"),
    };
    app.read_json(move |app| tables::rows(&app.library().find(&id)?, &hash, &wanted)).await
}

async fn join_tables(
    State(app): State<App>,
    request: Request,
) -> Answer<Json<Versioned<JoinedTables>>> {
    let asked: JoinAsked = posted(request).await?;
    app.read_json(move |app| tables::join(&app.library().find_all(&asked.runs)?, &asked)).await
}

async fn patch(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<RunPatch>>> {
    known(&query, &[])?;
    app.read_json(move |app| code::patch(&app.library().find(&id)?)).await
}

async fn content(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    query: Query<Parameters>,
) -> Answer<Response> {
    known(&query, &[])?;
    let opened =
        app.read(move |app| artifacts::Opened::find(&app.snapshot(&id)?.read(), number)).await?;
    Ok(opened.into_response())
}

async fn compare(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Comparison>>> {
    known(&query, &["run"])?;
    let ids: Vec<String> = query.0.into_iter().map(|(_, id)| id).collect();
    let ids = comparison::distinct(ids)?;
    app.read_json(move |app| comparison::compare(&app.library().find_all(&ids)?)).await
}

async fn groups(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<RunGroups>>> {
    known(&query, &GROUPS)?;
    let asked = groups_asked(&query)?;
    app.read_json(move |app| groups_of::groups(app, &asked)).await
}

async fn group_table(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<GroupTable>>> {
    known(&query, &[&GROUPS[..], &["format"]].concat())?;
    let format = value(&query, "format").and_then(|text| TableFormat::from_str(&text, false).ok());
    let format =
        format.ok_or_else(|| Failure::bad_request("`format` is `markdown`, `latex` or `csv`"))?;
    let asked = groups_asked(&query)?;
    app.read_json(move |app| groups_of::table(app, &asked, format)).await
}

/// What says which groups are meant.
const GROUPS: [&str; 9] = ["project", "run", "q", "by", "pick", "pair", "at", "metric", "column"];

fn groups_asked(query: &Query<Parameters>) -> Answer<GroupsAsked> {
    let all = |name: &str| -> Vec<String> {
        let named = query.0.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.clone()).collect()
    };
    let columns = all("column");
    if columns.len() > groups_of::MOST_COLUMNS {
        return Err(Failure::bad_request(format!(
            "`column` is named at most {} times",
            groups_of::MOST_COLUMNS
        )));
    }
    let at = value(query, "at").map_or(Ok(At::Best), |text| text.parse());
    let Ok(by) = value(query, "by").as_deref().unwrap_or("group").parse();
    Ok(GroupsAsked {
        project: value(query, "project"),
        runs: all("run"),
        query: value(query, "q").unwrap_or_default(),
        by,
        picks: all("pick"),
        pair: value(query, "pair"),
        at: at.map_err(|error| Failure::bad_request(format!("`at`: {error}")))?,
        metric: value(query, "metric"),
        columns,
    })
}

async fn find_divergence(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Divergence>>> {
    known(&query, &["a", "b"])?;
    let named = ["a", "b"].map(|name| value(&query, name));
    let [Some(a), Some(b)] = named else {
        return Err(Failure::bad_request("`a` and `b` are the ids of two runs"));
    };
    app.read_json(move |app| {
        let library = app.library();
        divergence::divergence(&[library.find(&a)?, library.find(&b)?])
    })
    .await
}

/// What there is to see at steps of some runs.
async fn marks(State(app): State<App>, query: Query<Parameters>) -> Answer<Json<Versioned<Marks>>> {
    known(&query, &["run", "level"])?;
    let level =
        value(&query, "level").map_or(Ok(Level::Warning), |word| message_filter::level(&word))?;
    let ids = query.0.into_iter().filter(|(name, _)| name == "run").map(|(_, id)| id).collect();
    let ids = comparison::distinct(ids)?;
    app.read_json(move |app| marks_of::marks(app, &ids, level)).await
}

async fn curves(State(app): State<App>, request: Request) -> Answer<Response> {
    let request: CurvesRequest = posted(request).await?;
    let parts = app.read(move |app| answer::curves(app, &request)).await?;
    let parts = stream::iter(parts.map(Ok::<_, std::convert::Infallible>));
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, Body::from_stream(parts)).into_response())
}

async fn make_report(State(app): State<App>, request: Request) -> Answer<Response> {
    let asked: ReportAsked = posted(request).await?;
    Ok(request::as_file(app.read(move |app| request::report(app, asked)).await?))
}

async fn follow(State(app): State<App>, query: Query<Parameters>) -> Answer<Response> {
    known(&query, &["project"])?;
    Ok(live::stream::stream(&app, value(&query, "project")))
}

async fn edit(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Json<Versioned<RunDetail>>> {
    let asked: EditRequest = posted(request).await?;
    app.read_json(move |app| edits::edit(app, &id, asked)).await
}

async fn stop(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Json<Versioned<Stopped>>> {
    let asked: StopAsked = posted(request).await?;
    app.read_json(move |app| edits::stop(app, &id, &asked)).await
}

async fn set_knobs(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Json<Versioned<KnobsAsked>>> {
    let asked: KnobValues = posted(request).await?;
    app.read_json(move |app| edits::set_knobs(app, &id, asked)).await
}

async fn change_many(State(app): State<App>, request: Request) -> Answer<Json<Versioned<Many>>> {
    let asked: ManyAsked = posted(request).await?;
    app.read_json(move |app| many::many(app, asked)).await
}

async fn changes(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Changes>>> {
    known(&query, &[])?;
    app.read_json(many::changes).await
}

async fn undo(State(app): State<App>, request: Request) -> Answer<Json<Versioned<Many>>> {
    let asked: UndoAsked = posted(request).await?;
    app.read_json(move |app| many::undo(app, &asked)).await
}

async fn rename_project(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Answer<Json<Versioned<Many>>> {
    let asked: RenameAsked = posted(request).await?;
    app.read_json(move |app| many::rename(app, &name, &asked)).await
}

async fn project_notes(
    State(app): State<App>,
    Path(name): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<ProjectNotes>>> {
    known(&query, &[])?;
    app.read_json(move |app| many::notes(app, &name)).await
}

async fn write_project_notes(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Answer<Json<Versioned<ProjectNotes>>> {
    let asked: NotesAsked = posted(request).await?;
    app.read_json(move |app| many::write_notes(app, &name, &asked)).await
}

async fn list_views(
    State(app): State<App>,
    Path(project): Path<String>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Views>>> {
    known(&query, &[])?;
    app.read_json(move |app| views::list(app, &project)).await
}

async fn one_view(
    State(app): State<App>,
    Path((project, view)): Path<(String, String)>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<NamedView>>> {
    known(&query, &[])?;
    app.read_json(move |app| views::view(app, &project, &view)).await
}

async fn save_view(
    State(app): State<App>,
    Path((project, view)): Path<(String, String)>,
    request: Request,
) -> Answer<Json<Versioned<NamedView>>> {
    let asked: SaveAsked = posted(request).await?;
    app.read_json(move |app| views::save(app, &project, &view, asked)).await
}

async fn rename_view(
    State(app): State<App>,
    Path((project, view)): Path<(String, String)>,
    request: Request,
) -> Answer<Json<Versioned<NamedView>>> {
    let asked: views::RenameAsked = posted(request).await?;
    app.read_json(move |app| views::rename(app, &project, &view, &asked)).await
}

async fn remove_view(
    State(app): State<App>,
    Path((project, view)): Path<(String, String)>,
    request: Request,
) -> Answer<Json<Versioned<RemovedView>>> {
    let asked: RemoveAsked = posted(request).await?;
    app.read_json(move |app| views::remove(app, &project, &view, &asked)).await
}

async fn studies(
    State(app): State<App>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<Studies>>> {
    known(&query, &["project"])?;
    let project = value(&query, "project");
    app.read_json(move |app| studies_of::list(app, project.as_deref())).await
}

async fn study(
    State(app): State<App>,
    Path((project, study)): Path<(String, String)>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<StudyDetail>>> {
    known(&query, &["from", "count"])?;
    let [from, count] = [number(&query, "from")?, number(&query, "count")?];
    let most = studies_of::MOST_TRIALS;
    let count = count.map_or(Some(most), |count| usize::try_from(count).ok());
    let count = count.filter(|count| *count <= most);
    let count = count.ok_or_else(|| Failure::bad_request(format!("`count` is at most {most}")))?;
    let from = usize::try_from(from.unwrap_or(0)).unwrap_or(usize::MAX);
    app.read_json(move |app| studies_of::detail(app, &project, &study, (from, count))).await
}

async fn study_surface(
    State(app): State<App>,
    Path((project, study)): Path<(String, String)>,
    query: Query<Parameters>,
) -> Answer<Json<Versioned<StudySurface>>> {
    known(&query, &["x", "y", "metric"])?;
    let [x, y, metric] = ["x", "y", "metric"].map(|name| value(&query, name));
    let (Some(x), Some(y)) = (x, y) else {
        return Err(Failure::bad_request("`x` and `y` are two parameters of the study"));
    };
    app.read_json(move |app| {
        studies_of::expected(app, (&project, &study), [&x, &y], metric.as_deref())
    })
    .await
}

async fn wrong_method() -> Failure {
    Failure::wrong_method()
}

async fn page(State(app): State<App>, request: Request) -> Answer<Response> {
    assets::answer(request.method(), request.uri().path(), &app.guard().base)
}

/// Refuses parameters that nobody here knows: a typing error is told, not ignored.
fn known(query: &Query<Parameters>, names: &[&str]) -> Answer<()> {
    match query.0.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        Some((name, _)) => Err(Failure::bad_request(format!("unknown parameter `{name:.40}`"))),
        None => Ok(()),
    }
}

fn value(query: &Query<Parameters>, name: &str) -> Option<String> {
    query.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn number(query: &Query<Parameters>, name: &str) -> Answer<Option<u64>> {
    let text = value(query, name);
    let number = text.map(|text| text.parse());
    number.transpose().map_err(|_| Failure::bad_request(format!("`{name}` is a whole number")))
}

/// The JSON of a request's body, which is small and comes without delay.
async fn posted<T: DeserializeOwned>(request: Request) -> Answer<T> {
    let bytes = body(request.into_body()).await?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::bad_request(error.to_string()))
}

/// All of a body.
///
/// # Errors
/// If it does not come in ten seconds, or is longer than any that is meant.
pub(crate) async fn body(coming: Body) -> Answer<Bytes> {
    const BODY_PATIENCE: Duration = Duration::from_secs(10);
    tokio::time::timeout(BODY_PATIENCE, axum::body::to_bytes(coming, MOST_BODY))
        .await
        .map_err(|_| Failure::bad_request("the body did not come in 10 s"))?
        .map_err(|_| {
            Failure::bad_request(format!("the body is cut or longer than {MOST_BODY} bytes"))
        })
}
