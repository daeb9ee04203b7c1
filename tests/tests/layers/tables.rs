//! The tables of ARCHITECTURE.md: one for each package, a row for each layer, the lowest first.

use std::path::Path;

pub(crate) struct Table {
    /// The modules of each layer.
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The table under the heading that names the package's folder, as `### runtime/src`.
    pub(crate) fn read(page: &Path, package: &str) -> Table {
        let page = std::fs::read_to_string(page).expect("ARCHITECTURE.md is readable");
        let heading = format!("`{package}`");
        let lines = page.lines().skip_while(|line| !(line.starts_with('#') && line.contains(&heading)));
        let table = lines.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
        let rows: Vec<_> = table.skip(2).map(|row| modules(row.split('|').nth(2).unwrap_or_default())).collect();
        assert!(rows.len() > 2, "ARCHITECTURE.md has a table of layers under a heading that names {package}");
        Table { rows }
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flatten().map(String::as_str)
    }

    /// The layer of a file: that of its module.
    pub(crate) fn layer(&self, file: &str) -> Option<usize> {
        self.row(file).map(|(layer, _)| layer)
    }

    /// The module in the table that a file is, or is in; of several, the longest.
    pub(crate) fn module(&self, file: &str) -> Option<&str> {
        self.row(file).map(|(_, module)| module)
    }

    fn row(&self, file: &str) -> Option<(usize, &str)> {
        let holds =
            |module: &str| file.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        let rows = self.rows.iter().enumerate();
        let all = rows.flat_map(|(layer, modules)| modules.iter().map(move |module| (layer, module.as_str())));
        all.filter(|(_, module)| holds(module)).max_by_key(|(_, module)| module.len())
    }
}

/// The names between backticks.
fn modules(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
