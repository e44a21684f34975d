//! The table of paths and methods.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::reply::Response;
use warp::{Filter, Rejection};

use super::body::{self, BodyStream};
use super::doors::{Doors, Head, Peer};
use super::reject::{self, Problem};
use super::{api, corrections, history, metrics, webhook};

/// What a route gives back.
pub(super) type Answer = Result<Response, Problem>;

/// Every route. A request that none takes is answered as an error too.
#[must_use]
pub fn routes(doors: &Arc<Doors>) -> BoxedFilter<(Response,)> {
    let webhook = post(doors, fixed(warp::path!("webhook" / "github")), webhook::receive);
    let open = webhook
        .or(get(doors, fixed(warp::path!("health")), metrics::health))
        .unify()
        .or(get(doors, fixed(warp::path!("ready")), metrics::ready))
        .unify()
        .or(get(doors, fixed(warp::path!("metrics")), metrics::metrics))
        .unify()
        .boxed();
    let read = get(doors, fixed(warp::path!("api" / "dashboard")), api::dashboard)
        .or(get(doors, fixed(warp::path!("api" / "drift")), api::drift))
        .unify()
        .or(get(doors, fixed(warp::path!("api" / "psi")), api::drift))
        .unify()
        .or(get(doors, fixed(warp::path!("api" / "history")), history::history))
        .unify()
        .or(get(
            doors,
            warp::path!("api" / "failures" / String).boxed(),
            api::failure,
        ))
        .unify()
        .boxed();
    let write = post(doors, fixed(warp::path!("api" / "analyze")), api::analyze)
        .or(post(
            doors,
            warp::path!("api" / "failures" / String / "corrections").boxed(),
            corrections::correct,
        ))
        .unify()
        .or(delete(
            doors,
            pair(warp::path!("api" / "failures" / String / "corrections" / String)),
            corrections::undo,
        ))
        .unify()
        .boxed();
    let all = open.or(read).unify().or(write).unify();
    all.recover(async |rejection: Rejection| Ok::<_, Infallible>(reject::recover(&rejection)))
        .unify()
        .boxed()
}

/// A path without parameters.
fn fixed(path: impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + 'static) -> BoxedFilter<((),)> {
    path.map(|| ()).boxed()
}

/// A path with two parameters.
fn pair(
    path: impl Filter<Extract = (String, String), Error = Rejection> + Clone + Send + Sync + 'static,
) -> BoxedFilter<((String, String),)> {
    path.map(|one, other| (one, other)).boxed()
}

fn get<P, F>(
    doors: &Arc<Doors>,
    path: BoxedFilter<(P,)>,
    answer: fn(Arc<Doors>, Head, P) -> F,
) -> BoxedFilter<(Response,)>
where
    P: Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let doors = Arc::clone(doors);
    let request = path.and(only(&[Method::GET, Method::HEAD], "GET, HEAD")).and(head());
    let answered = request.then(move |parameters, head| answered(answer(Arc::clone(&doors), head, parameters)));
    answered.boxed()
}

fn post<P, F>(
    doors: &Arc<Doors>,
    path: BoxedFilter<(P,)>,
    answer: fn(Arc<Doors>, Head, P, BodyStream) -> F,
) -> BoxedFilter<(Response,)>
where
    P: Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let doors = Arc::clone(doors);
    let request = path
        .and(only(&[Method::POST], "POST"))
        .and(head())
        .and(warp::body::stream());
    let answered = request
        .then(move |parameters, head, body| answered(answer(Arc::clone(&doors), head, parameters, body::boxed(body))));
    answered.boxed()
}

fn delete<P, F>(
    doors: &Arc<Doors>,
    path: BoxedFilter<(P,)>,
    answer: fn(Arc<Doors>, Head, P) -> F,
) -> BoxedFilter<(Response,)>
where
    P: Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let doors = Arc::clone(doors);
    let request = path.and(only(&[Method::DELETE], "DELETE")).and(head());
    let answered = request.then(move |parameters, head| answered(answer(Arc::clone(&doors), head, parameters)));
    answered.boxed()
}

async fn answered(answer: impl Future<Output = Answer>) -> Response {
    answer.await.unwrap_or_else(|problem| {
        problem.log();
        problem.into_response()
    })
}

/// Refuses other methods, naming those there are.
fn only(methods: &'static [Method], names: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    let check = move |method: Method| async move {
        if methods.contains(&method) {
            Ok(())
        } else {
            Err(warp::reject::custom(Problem::method_not_allowed(names)))
        }
    };
    warp::method().and_then(check).untuple_one()
}

fn head() -> BoxedFilter<(Head,)> {
    let peer = warp::ext::optional::<Peer>();
    let query = warp::query::<Vec<(String, String)>>();
    let head = warp::header::headers_cloned()
        .and(query)
        .and(peer)
        .map(|headers, query, peer: Option<Peer>| Head {
            headers,
            query,
            peer: peer.unwrap_or(Peer::UNKNOWN),
        });
    head.boxed()
}
