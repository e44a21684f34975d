//! Requests for `/mcp`: let in by the rules of `/api`, their bodies read within the same bounds, and then another's to answer.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::{BodyExt, Full};
use warp::http::header::ORIGIN;
use warp::http::{HeaderMap, Request, StatusCode};

use super::Role;
use super::auth::Caller;
use super::body::{Body, Broken};
use super::doors::{Doors, Head, LocalUser, Peer};
use super::reject::Problem;
use crate::ingest::json;

/// From this size on JSON is looked through in the pool of blocking threads.
const LARGE: usize = 128 << 10;

/// Who was let in.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    /// The name of the key.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) role: Role,
    /// Where it is, which is what calls are counted by. `None`: at the Unix socket, where nobody counts.
    pub(crate) client: Option<IpAddr>,
}

impl Doors {
    /// Lets in who may read, with all of the body. `known_page` says that the page that asks, if one does, is a friend's.
    ///
    /// What a conversation consists of beside its calls is not counted; calls are, by [`Doors::count_call`], and so is who
    /// comes with no right key.
    ///
    /// # Errors
    /// 400 and 403 for a request to or from somebody else, 401, 403, 429, and what is wrong with the body.
    pub(crate) async fn admit_agent<B>(
        &self,
        request: Request<B>,
        known_page: bool,
    ) -> Result<(Agent, Request<Full<Bytes>>), Problem>
    where
        B: hyper::body::Body<Data = Bytes, Error: Into<Broken>> + Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<Peer>().copied().unwrap_or(Peer::UNKNOWN);
        let head = Head {
            headers: headers(&parts.headers, known_page),
            query: Vec::new(),
            peer,
            user: parts.extensions.get::<LocalUser>().cloned(),
        };
        let agent = self.recognize(&head)?;
        let body = self
            .bodies
            .read(&head.headers, Box::pin(body.into_data_stream().map_err(Into::into)))
            .await?;
        Ok((agent, Request::from_parts(parts, Full::new(mended(body).await?))))
    }

    /// Takes one call off the allowance of a client.
    ///
    /// # Errors
    /// When there is none left: the time until there is.
    pub(crate) fn count_call(&self, client: IpAddr) -> Result<(), Duration> {
        self.asked.take(client, Instant::now())
    }

    fn recognize(&self, head: &Head) -> Result<Agent, Problem> {
        if let Some(user) = &head.user {
            let Caller { name, role } = user.caller();
            return Ok(Agent {
                name,
                role,
                client: None,
            });
        }
        self.check_host(head)?;
        let client = self.client(head);
        match self.identify(head, Role::Read) {
            Ok(caller) => Ok(Agent {
                name: caller.name,
                role: caller.role,
                client: Some(client),
            }),
            Err(problem) => {
                self.count_call(client).map_err(Problem::too_often)?;
                Err(problem)
            }
        }
    }
}

/// Headers without the page that is known.
fn headers(sent: &HeaderMap, known_page: bool) -> HeaderMap {
    let mut headers = sent.clone();
    if known_page {
        headers.remove(ORIGIN);
    }
    headers
}

/// JSON within the bounds of every other door. It counts against the budget of bodies until it is dropped.
async fn mended(body: Body) -> Result<Bytes, Problem> {
    if body.len() < LARGE {
        return mend(body);
    }
    let worked = tokio::task::spawn_blocking(move || mend(body)).await;
    worked.unwrap_or_else(|_died| Err(Problem::internal("the body could not be worked on")))
}

fn mend(body: Body) -> Result<Bytes, Problem> {
    let mended = match json::mend(&body).map(|mended| mended.body) {
        Ok(Cow::Borrowed(_)) => None,
        Ok(Cow::Owned(mended)) => Some(mended),
        Err(error) => return Err(Problem::new(StatusCode::BAD_REQUEST, error)),
    };
    Ok(mended.map_or_else(|| Bytes::from_owner(body), Bytes::from))
}
