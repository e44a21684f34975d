//! What an empty tower says: how the first failure gets here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::snapshot::Snapshot;
use crate::tui::panes::paint;
use crate::tui::text::visible;
use crate::tui::theme::{Role, Theme};

/// Paints it.
pub fn view(theme: Theme, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let address = visible(&snapshot.address);
    let step = |name: &'static str, rest: String| {
        Line::from(vec![
            Span::styled(format!("  {name:<9}"), theme.role(Role::Accent)),
            Span::raw(rest),
        ])
    };
    let more = |rest: &str| Line::styled(format!("           {rest}"), theme.role(Role::Dim));
    let lines = vec![
        Line::styled("  No failures yet. Three ways to see one:", theme.role(Role::Title)),
        Line::default(),
        step("GitHub", format!("a webhook to http://{address}/webhook/github")),
        more("as application/json, with the secret of this server;"),
        more("events: workflow jobs, workflow runs, check runs"),
        step("A log", "sentinel analyze FILE".into()),
        more("in another terminal; shows the verdict, stores nothing"),
        step("By hand", format!("curl http://{address}/api/analyze \\")),
        more(r"  -H 'Content-Type: application/json' \"),
        more(r#"  -d '{"error_message": "npm ERR! code ERESOLVE"}'"#),
    ];
    paint(lines, area, screen);
}
