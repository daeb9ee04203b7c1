//! The cost of a call site to whoever builds it: code size, build time, dependencies. Writes packages of 400 call sites
//! and builds them with cargo.

use crate::goals;
use crate::measure::{Row, is_wanted, median};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const SITES: usize = 400;
/// Number of builds of each package; the median counts.
const BUILDS: usize = 3;

struct Call {
    name: &'static str,
    dependency: &'static str,
    returns: &'static str,
    /// The body of a function of `path: &str` and `n: u32`, which returns the call's result. `SITE` is replaced by the
    /// number of the site, so that the linker cannot fold two functions into one.
    body: &'static str,
}

/// The same call, written with each of the crates.
const CALLS: [Call; 4] = [
    Call {
        name: "airtight",
        dependency: "airtight = { path = \"RUNTIME\" }",
        returns: "Result<airtight::Output, airtight::Error>",
        body: r#"airtight::command! { "git", args: ["log", "--oneline=SITE", ("-n", n), "--", path] }.run()"#,
    },
    Call {
        name: "std",
        dependency: "",
        returns: "std::io::Result<std::process::ExitStatus>",
        body: r#"let mut git = std::process::Command::new("git");
    git.args(["log", "--oneline=SITE", "-n"]).arg(n.to_string()).args(["--", path]).status()"#,
    },
    Call {
        name: "duct",
        dependency: "duct = \"1\"",
        returns: "std::io::Result<std::process::Output>",
        body: r#"duct::cmd!("git", "log", "--oneline=SITE", "-n", n.to_string(), "--", path).run()"#,
    },
    Call {
        name: "xshell",
        dependency: "xshell = \"0.2\"",
        returns: "xshell::Result<()>",
        body: r#"let (sh, text) = (xshell::Shell::new()?, n.to_string());
    xshell::cmd!(sh, "git log --oneline=SITE -n {text} -- {path}").run()"#,
    },
];

/// The rows; none where cargo cannot build offline.
pub(crate) fn rows() -> Vec<Row> {
    if !is_wanted("build") {
        return Vec::new();
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost");
    [call_sites(&root), clean_builds(&root)]
        .into_iter()
        .flat_map(|rows| {
            rows.unwrap_or_else(|why| {
                eprintln!("left out: what a build costs ({why})");
                Vec::new()
            })
        })
        .collect()
}

fn call_sites(root: &Path) -> Result<Vec<Row>, String> {
    let mut packages = Vec::new();
    for call in &CALLS {
        let package = Package::write(root, call.name, call.dependency)?;
        // The first site pays for the code of the crate itself.
        let first = package.sections_of(1, call)?;
        packages.push((package, call, first));
    }
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); packages.len()];
    let mut sizes = Vec::new();
    for _ in 0..BUILDS {
        sizes.clear();
        for ((package, call, first), times) in packages.iter().zip(&mut times) {
            eprintln!("building: {SITES} call sites with {}", call.name);
            let start = Instant::now();
            let full = package.sections_of(SITES, call)?;
            times.push(start.elapsed().as_secs_f64());
            sizes.push((full.0 - first.0, full.1 - first.1));
        }
    }
    let per_site =
        |of: fn(&(f64, f64)) -> f64| sizes.iter().map(|sizes| of(sizes) / (SITES - 1) as f64).collect::<Vec<_>>();
    let row = |scenario: &str, unit, figures: &[f64]| {
        let others: Vec<_> = CALLS.iter().map(|call| call.name).zip(figures.iter().copied()).skip(1).collect();
        Row::counted(scenario, unit, figures[0], &others)
    };
    let seconds: Vec<f64> = times.into_iter().map(median).collect();
    Ok(vec![
        row(&format!("code of a call site, in bytes (goal: {})", goals::SITE_BYTES), "", &per_site(|sizes| sizes.0)),
        row("code and constants of a call site, in bytes", "", &per_site(|sizes| sizes.1)),
        row(&format!("release build of {SITES} call sites"), "s", &seconds).goal("std", goals::BUILD_TO_STD),
    ])
}

/// The time of a clean build and the number of packages built, compared with syn (all features) and quote.
fn clean_builds(root: &Path) -> Result<Vec<Row>, String> {
    let ours = Package::write(root, "clean-airtight", CALLS[0].dependency)?;
    let syn = "syn = { version = \"3\", features = [\"full\"] }\nquote = \"1\"";
    let syn = Package::write(root, "clean-syn", syn)?;
    let (mut times, mut packages) = ([Vec::new(), Vec::new()], [0.0; 2]);
    for _ in 0..BUILDS {
        for (index, package) in [&ours, &syn].into_iter().enumerate() {
            eprintln!("building from nothing: {}", package.folder.display());
            drop(std::fs::remove_dir_all(package.folder.join("target")));
            package.source(0, &CALLS[1])?;
            let start = Instant::now();
            package.cargo(&["build"])?;
            times[index].push(start.elapsed().as_secs_f64());
            let tree = package.cargo(&["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"])?;
            let mut names: Vec<_> = tree.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
            names.sort_unstable();
            names.dedup();
            packages[index] = names.len() as f64;
        }
    }
    let [ours, syn] = times.map(median);
    Ok(vec![
        Row::counted("clean build of a crate that uses it", "s", ours, &[("syn and quote", syn)])
            .goal("syn and quote", goals::CLEAN_BUILD_TO_SYN),
        Row::counted("packages that are built", "", packages[0], &[("syn and quote", packages[1])]),
    ])
}

struct Package {
    folder: PathBuf,
}

impl Package {
    /// Writes a package outside the workspace, with the versions of this Cargo.lock, so that cargo fetches nothing.
    fn write(root: &Path, name: &str, dependency: &str) -> Result<Package, String> {
        let runtime = env!("CARGO_MANIFEST_DIR");
        let folder = root.join(name);
        std::fs::create_dir_all(folder.join("src")).map_err(|error| error.to_string())?;
        let manifest = format!(
            "[package]\nname = \"{name}-sites\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n{}\n",
            dependency.replace("RUNTIME", runtime)
        );
        write_if_new(&folder.join("Cargo.toml"), &manifest)?;
        let lock = Path::new(runtime).join("../Cargo.lock");
        std::fs::copy(lock, folder.join("Cargo.lock")).map_err(|error| error.to_string())?;
        let package = Package { folder };
        package.source(0, &CALLS[1])?;
        package.cargo(&["build", "--release"])?;
        Ok(package)
    }

    fn source(&self, sites: usize, call: &Call) -> Result<(), String> {
        let mut source = String::new();
        for site in 0..sites {
            let (returns, body) = (call.returns, call.body.replace("SITE", &site.to_string()));
            let _ = writeln!(source, "pub fn f{site}(path: &str, n: u32) -> {returns} {{\n    {body}\n}}");
        }
        let names: Vec<_> = (0..sites).map(|site| format!("f{site}")).collect();
        let _ = writeln!(source, "static ALL: [fn(&str, u32) -> {}; {sites}] = [{}];", call.returns, names.join(", "));
        source.push_str("fn main() {\n    let n = std::env::args().count() as u32;\n");
        source.push_str("    std::process::exit(ALL.iter().filter(|f| f(\"path\", n).is_ok()).count() as i32);\n}\n");
        std::fs::write(self.folder.join("src/main.rs"), source).map_err(|error| error.to_string())
    }

    /// The size of `.text`, and of all read-only sections, of a program with this many sites.
    fn sections_of(&self, sites: usize, call: &Call) -> Result<(f64, f64), String> {
        self.source(sites, call)?;
        self.cargo(&["build", "--release"])?;
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let program = self.folder.join("target/release").join(format!("{name}-sites"));
        let run = |format: &str| output(Command::new("size").arg(format).arg(&program));
        let sections = run("--format=sysv")?;
        let text =
            sections.lines().find_map(|line| line.strip_prefix(".text")?.split_whitespace().next()?.parse().ok());
        let all = run("--format=berkeley")?;
        let all = all.lines().nth(1).and_then(|line| line.split_whitespace().next()?.parse().ok());
        text.zip(all).ok_or_else(|| format!("`size` said: {sections}"))
    }

    fn cargo(&self, args: &[&str]) -> Result<String, String> {
        let mut cargo = Command::new(env!("CARGO"));
        output(cargo.args(args).args(["--offline", "--quiet"]).current_dir(&self.folder).env_remove("CARGO_TARGET_DIR"))
    }
}

fn write_if_new(path: &Path, content: &str) -> Result<(), String> {
    match std::fs::read_to_string(path) {
        Ok(there) if there == content => Ok(()),
        _ => std::fs::write(path, content).map_err(|error| error.to_string()),
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
