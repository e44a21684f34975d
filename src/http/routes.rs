//! The table of paths and methods, and the one look into it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection};

use super::body::{self, BodyStream};
use super::doors::{Doors, Head, LocalUser, Peer};
use super::reject::{self, Problem};
use super::{api, backfill, backup, corrections, events, history, metrics, models, openapi, proposals, webhook};

/// What a route gives back.
pub(super) type Answer = Result<Response, Problem>;

/// An answer under way.
type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

type Handler = Box<dyn Fn(Arc<Doors>, Head, Vec<String>, BodyStream) -> Answering + Send + Sync>;

/// A path with one method.
pub(super) struct Route {
    pub(super) method: Method,
    /// As in OpenAPI: `/api/failures/{id}`.
    pub(super) path: &'static str,
    handler: Handler,
}

/// Every route. `openapi` describes each of them.
pub(super) fn table() -> Vec<Route> {
    vec![
        post("/webhook/github", webhook::receive),
        get("/health", metrics::health),
        get("/ready", metrics::ready),
        get("/metrics", metrics::metrics),
        get("/openapi.json", openapi::serve),
        get("/api/dashboard", api::dashboard),
        get("/api/drift", api::drift),
        get("/api/psi", api::drift),
        get("/api/history", history::history),
        get("/api/failures/{id}", api::failure),
        get("/api/events", events::events),
        get("/api/backup", backup::backup),
        post("/api/analyze", api::analyze),
        post("/api/failures/{id}/corrections", corrections::correct),
        delete("/api/failures/{id}/corrections/{cid}", corrections::undo),
        get("/api/proposals", proposals::waiting),
        post("/api/proposals/{pid}/accept", proposals::accept),
        post("/api/proposals/{pid}/reject", proposals::reject),
        get("/api/registry", models::registry),
        post("/api/retrain", models::retrain),
        get("/api/retrain", models::retraining),
        delete("/api/retrain", models::cancel),
        post("/api/models/{version}/promote", models::promote),
        post("/api/models/rollback", models::roll_back),
        get("/api/registry/verify", models::verify),
        post("/api/registry/seal", |doors, head, parameters: (), _body| {
            models::seal(doors, head, parameters)
        }),
        post("/api/undo", corrections::undo_last),
        post("/api/redo", corrections::redo),
        post("/api/backfill", backfill::step),
    ]
}

/// Answers every request; one that no route takes as an error too.
#[must_use]
pub fn routes(doors: &Arc<Doors>) -> BoxedFilter<(Response,)> {
    let (doors, table) = (Arc::clone(doors), Arc::new(table()));
    let request = warp::method()
        .and(warp::path::full())
        .and(head())
        .and(warp::body::stream());
    let answered = request.then(move |method: Method, path: FullPath, head, body| {
        let answering = match find(&table, &method, path.as_str()) {
            Ok((route, parameters)) => (route.handler)(Arc::clone(&doors), head, parameters, body::boxed(body)),
            Err(problem) => Box::pin(std::future::ready(Err(problem))),
        };
        answered(answering)
    });
    answered
        .recover(async |rejection: Rejection| Ok::<_, Infallible>(reject::recover(&rejection)))
        .unify()
        .boxed()
}

/// The route of a request, with what stands in the braces of its path.
fn find<'a>(table: &'a [Route], method: &Method, path: &str) -> Result<(&'a Route, Vec<String>), Problem> {
    let mut others = Vec::new();
    for route in table {
        let Some(parameters) = matched(route.path, path) else {
            continue;
        };
        if route.answers(method) {
            return Ok((route, parameters));
        }
        others.push(route);
    }
    if others.is_empty() {
        return Err(Problem::not_found("there is nothing at this path"));
    }
    let methods: Vec<&str> = others.iter().flat_map(|route| route.methods()).collect();
    Err(Problem::method_not_allowed(&methods.join(", ")))
}

/// What stands in the braces of `template`, if `path` is one of its kind. A slash at the end is overlooked.
fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut parameters = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(part), Some(text)) if part.starts_with('{') && !text.is_empty() => parameters.push(text.to_owned()),
            (Some(part), Some(text)) if part == text => {}
            _ => return None,
        }
    }
}

impl Route {
    fn answers(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }

    fn methods(&self) -> Vec<&str> {
        let with_head = (self.method == Method::GET).then_some("HEAD");
        [self.method.as_str()].into_iter().chain(with_head).collect()
    }
}

/// What a handler takes from its path.
pub(super) trait FromPath: Send + 'static {
    /// `None` where the path has another number of parameters.
    fn from_path(parameters: Vec<String>) -> Option<Self>
    where
        Self: Sized;
}

impl FromPath for () {
    fn from_path(parameters: Vec<String>) -> Option<Self> {
        parameters.is_empty().then_some(())
    }
}

impl FromPath for String {
    fn from_path(parameters: Vec<String>) -> Option<Self> {
        <[Self; 1]>::try_from(parameters).ok().map(|[one]| one)
    }
}

impl FromPath for (String, String) {
    fn from_path(parameters: Vec<String>) -> Option<Self> {
        <[String; 2]>::try_from(parameters).ok().map(Into::into)
    }
}

fn get<P: FromPath, F>(path: &'static str, answer: fn(Arc<Doors>, Head, P) -> F) -> Route
where
    F: Future<Output = Answer> + Send + 'static,
{
    route(Method::GET, path, move |doors, head, parameters, _body| {
        answer(doors, head, parameters)
    })
}

fn post<P: FromPath, F>(path: &'static str, answer: fn(Arc<Doors>, Head, P, BodyStream) -> F) -> Route
where
    F: Future<Output = Answer> + Send + 'static,
{
    route(Method::POST, path, answer)
}

fn delete<P: FromPath, F>(path: &'static str, answer: fn(Arc<Doors>, Head, P) -> F) -> Route
where
    F: Future<Output = Answer> + Send + 'static,
{
    route(Method::DELETE, path, move |doors, head, parameters, _body| {
        answer(doors, head, parameters)
    })
}

fn route<P: FromPath, F>(
    method: Method,
    path: &'static str,
    answer: impl Fn(Arc<Doors>, Head, P, BodyStream) -> F + Send + Sync + 'static,
) -> Route
where
    F: Future<Output = Answer> + Send + 'static,
{
    let handler: Handler = Box::new(move |doors, head, parameters, body| match P::from_path(parameters) {
        Some(parameters) => Box::pin(answer(doors, head, parameters, body)),
        None => Box::pin(std::future::ready(Err(Problem::not_found(
            "there is nothing at this path",
        )))),
    });
    Route { method, path, handler }
}

async fn answered(answer: impl Future<Output = Answer>) -> Response {
    answer.await.unwrap_or_else(|problem| {
        problem.log();
        problem.into_response()
    })
}

fn head() -> BoxedFilter<(Head,)> {
    let peer = warp::ext::optional::<Peer>();
    let query = warp::query::<Vec<(String, String)>>();
    let head = warp::header::headers_cloned()
        .and(query)
        .and(peer)
        .and(warp::ext::optional::<LocalUser>())
        .map(|headers, query, peer: Option<Peer>, user| Head {
            headers,
            query,
            peer: peer.unwrap_or(Peer::UNKNOWN),
            user,
        });
    head.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_take_one_part_of_a_path_and_no_empty_one() {
        let template = "/api/failures/{id}/corrections/{cid}";
        assert_eq!(
            matched(template, "/api/failures/7/corrections/8"),
            Some(vec!["7".into(), "8".into()])
        );
        for path in [
            "/api/failures/7/corrections",
            "/api/failures//corrections/8",
            "/api/failures/7/corrections/8/9",
            "/api/failures/7/other/8",
        ] {
            assert_eq!(matched(template, path), None, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_there_names_all_of_its_methods() {
        let refused = find(&table(), &Method::PUT, "/api/history").map(|_| ()).unwrap_err();
        let response = refused.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &"GET, HEAD".parse().unwrap())
        );
        assert_eq!(
            find(&table(), &Method::GET, "/api")
                .map(|_| ())
                .unwrap_err()
                .status()
                .as_u16(),
            404
        );
    }

    #[test]
    fn every_handler_takes_as_many_parameters_as_its_path_has() {
        for route in table() {
            let example = route.path.replace(['{', '}'], "");
            assert!(matched(route.path, &example).is_some(), "{}", route.path);
        }
    }
}
