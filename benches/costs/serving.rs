//! The server of the built binary: its start, itself at rest, and webhooks on 64 connections beside a route that does
//! nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::load::drive;
use crate::process::Server;
use crate::table::{Bound, Row, median, time};
use crate::webhooks::deliveries;

const CONNECTIONS: usize = 64;
const EVENTS: usize = 5_000;
const NO_OPS: usize = 30_000;
const ROUNDS: usize = 7;
const STARTS: usize = 7;
const REST: Duration = Duration::from_secs(10);

pub(crate) fn measure() -> Result<Vec<Row>> {
    let mut rows = vec![start()?];
    let server = Server::start()?;
    rows.extend(rest(&server)?);
    rows.extend(webhooks(&server)?);
    Ok(rows)
}

/// Each time with an empty data folder: the database and the model's folder are made too.
fn start() -> Result<Row> {
    let starts = (0..STARTS)
        .map(|_| Ok(Server::start()?.ready_after))
        .collect::<Result<Vec<Duration>>>()?;
    let took = median(starts);
    Ok(Row {
        what: "start to first /health",
        measured: time(took),
        reference: format!("median of {STARTS}, empty data folder"),
        figure: took.as_secs_f64() * 1e3,
        bound: Bound::AtMost(300.0),
        unit: " ms",
    })
}

fn rest(server: &Server) -> Result<[Row; 2]> {
    let (before, started) = (server.cpu()?, Instant::now());
    std::thread::sleep(REST);
    let share = server.cpu()?.saturating_sub(before).as_secs_f64() / started.elapsed().as_secs_f64() * 100.0;
    let resident = server.resident_mib()?;
    Ok([
        Row {
            what: "at rest: resident memory",
            measured: format!("{resident:.1} MiB"),
            reference: String::new(),
            figure: resident,
            bound: Bound::AtMost(80.0),
            unit: " MiB",
        },
        Row {
            what: "at rest: processor",
            measured: format!("{share:.2} %"),
            reference: format!("of one core, over {}", time(REST)),
            figure: share,
            bound: Bound::AtMost(1.0),
            unit: " %",
        },
    ])
}

/// One round: deliveries between two measurements of the reference.
struct Round {
    rate: f64,
    reference: f64,
    cpu: Duration,
}

impl Round {
    fn share(&self) -> f64 {
        self.rate / self.reference
    }
}

/// The round in the middle of several: a machine changes its speed from one second to the next.
fn webhooks(server: &Server) -> Result<[Row; 2]> {
    let no_op = Arc::new(vec![b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec()]);
    drive(server.address, CONNECTIONS, &no_op, NO_OPS)?;
    let mut rounds = (0..ROUNDS)
        .map(|round| measure_round(server, &no_op, round * EVENTS))
        .collect::<Result<Vec<_>>>()?;
    rounds.sort_by(|a, b| a.share().total_cmp(&b.share()));
    let middle = &rounds[ROUNDS / 2];
    let cpu = median(rounds.iter().map(|round| round.cpu).collect());
    Ok([
        Row {
            what: "webhooks of 10 KB, 64 connections",
            measured: format!("{:.0}/s", middle.rate),
            reference: format!(
                "{:.0}/s of /health: {:.3} of it ({:.3} to {:.3}, {ROUNDS} rounds)",
                middle.reference,
                middle.share(),
                rounds[0].share(),
                rounds[ROUNDS - 1].share()
            ),
            figure: middle.share(),
            bound: Bound::AtLeast(0.10),
            unit: "",
        },
        Row {
            what: "  processor time an event",
            measured: time(cpu),
            reference: format!("server, {EVENTS} events a round on disk (FULL)"),
            figure: cpu.as_secs_f64() * 1e3,
            bound: Bound::AtMost(0.5),
            unit: " ms",
        },
    ])
}

fn measure_round(server: &Server, no_op: &Arc<Vec<Vec<u8>>>, first: usize) -> Result<Round> {
    let requests = Arc::new(deliveries(first..first + EVENTS)?);
    let before = drive(server.address, CONNECTIONS, no_op, NO_OPS)?;
    let cpu = server.cpu()?;
    let took = drive(server.address, CONNECTIONS, &requests, EVENTS)?;
    let cpu = server.cpu()?.saturating_sub(cpu) / u32::try_from(EVENTS)?;
    let after = drive(server.address, CONNECTIONS, no_op, NO_OPS)?;
    Ok(Round {
        rate: EVENTS as f64 / took.as_secs_f64(),
        reference: 2.0 * NO_OPS as f64 / (before + after).as_secs_f64(),
        cpu,
    })
}
