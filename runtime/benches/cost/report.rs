//! The table that `cargo bench` prints.

use crate::measure::Row;

const PEERS: [&str; 6] = ["std", "std hardened", "duct", "xshell", "subprocess", "libvirt"];

/// One line for each scenario: the cost of `airtight` and its ratio to each other contender's, below 1 if it costs
/// less.
pub(crate) fn table(rows: &[&Row]) -> String {
    let mut table = String::from(
        "| scenario | airtight | ÷ limit | ÷ by hand | best peer | ÷ best peer | ÷ the others | goals |\n",
    );
    table.push_str("|---|---|---|---|---|---|---|---|\n");
    for row in rows.iter().filter(|row| !row.ours.is_nan()) {
        let ratio = |name: &str| row.of(name).map_or("–".to_owned(), |other| format!("{:.2}", other.ratio));
        let mut peers: Vec<_> = row.others.iter().filter(|other| !["limit", "by hand"].contains(&other.name)).collect();
        let best = peers.iter().filter(|peer| PEERS.contains(&peer.name)).max_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let best = best.map(|peer| peer.name);
        let (name, by) = best.map_or(("–", "–".to_owned()), |name| (name, ratio(name)));
        peers.retain(|peer| Some(peer.name) != best);
        let peers: Vec<_> = peers.iter().map(|peer| format!("{} {:.2}", peer.name, peer.ratio)).collect();
        let peers = if peers.is_empty() { "–".to_owned() } else { peers.join(", ") };
        let goals = goals(row);
        table.push_str(&format!(
            "| {} | {} | {} | {} | {name} | {by} | {peers} | {goals} |\n",
            row.scenario,
            cost(row.ours, row.unit),
            ratio("limit"),
            ratio("by hand"),
        ));
    }
    table
}

fn goals(row: &Row) -> String {
    let goals: Vec<_> = row
        .goals
        .iter()
        .map(|(of, goal)| {
            let met = row.of(of).is_some_and(|other| other.ratio <= *goal);
            format!("{of} {goal:.2}: {}", if met { "met" } else { "missed" })
        })
        .collect();
    if goals.is_empty() { "–".to_owned() } else { goals.join(", ") }
}

/// The CPU time of parent and child for each row, and its ratio to the others'.
pub(crate) fn processor(rows: &[Row]) -> String {
    let mut table = String::from("| scenario | processor time | ÷ by hand | ÷ the others |\n|---|---|---|---|\n");
    for row in rows {
        let Some(time) = row.processor.filter(|time| !time.is_nan()) else { continue };
        let by_hand = row.of("by hand").map_or("–".to_owned(), |other| format!("{:.2}", other.processor));
        let others = row.others.iter().filter(|other| other.name != "by hand");
        let others: Vec<_> = others.map(|other| format!("{} {:.2}", other.name, other.processor)).collect();
        table.push_str(&format!(
            "| {} | {} | {by_hand} | {} |\n",
            row.scenario,
            cost(time, row.unit),
            others.join(", ")
        ));
    }
    table
}

fn cost(cost: f64, unit: &str) -> String {
    match unit {
        "µs" if cost >= 1e4 => format!("{:.0} ms", cost / 1e3),
        "" => format!("{cost:.0}"),
        unit => format!("{cost:.*} {unit}", if unit == "s" { 2 } else { 1 }),
    }
}
