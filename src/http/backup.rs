//! `GET /api/backup`: the database, as it is at this moment, goes out as one file.

use std::sync::Arc;

use tokio_util::io::ReaderStream;
use warp::Reply;
use warp::http::HeaderValue;
use warp::http::header::CONTENT_LENGTH;

use super::Role;
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;

/// The type of the answer.
pub(super) const DATABASE: &str = "application/vnd.sqlite3";

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// Answers with a copy, once it is whole and checked.
pub(super) async fn backup(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Admin)?;
    let copy = doors.handle.query().copy().await?;
    let copy = tokio::fs::File::from_std(copy);
    let length = copy.metadata().await.map_err(Problem::internal)?.len();
    let pieces = ReaderStream::with_capacity(copy, PIECE);
    let mut response = warp::reply::stream(pieces).into_response();
    reply::set_headers(response.headers_mut(), DATABASE);
    // A reader who gets less than this knows that it broke off.
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}
