//! The README's code compiles and does what the README says, and the README shows messages of compiler and runtime word
//! for word.

use airtight_ui_tests::cargo;
use std::path::{Path, PathBuf};

const README: &str = include_str!("../../README.md");

/// The code blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fenced = README.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// A package with the feature that the README's code needs.
fn package(name: &str) -> PathBuf {
    let package = airtight_ui_tests::package(Path::new(env!("CARGO_TARGET_TMPDIR")), name);
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
    let manifest = manifest.replace("default-features = false", "default-features = false, features = [\"dry-run\"]");
    std::fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    package
}

#[test]
fn its_code_does_what_it_says() {
    let [captured, described, tested] = blocks("rust")[..] else { panic!("other code than three pieces") };
    let said = blocks("text").pop().expect("the message of a run").replace('\n', " ");
    let program = format!(
        r#"
        use airtight::{{Args, Error}};
        use airtight::dry_run::{{Answer, Recorded, record}};

        fn captured(
            conf: &str, domain: &str, leases: u32, debug: bool, listen_addresses: Args,
        ) -> Result<Vec<u8>, Error> {{
            {captured}
            Ok(output.stdout().to_vec())
        }}

        fn described() -> String {{
            {described}
            query(Path::new("/srv"), "HEAD").to_string()
        }}

        fn format(device: &str) -> Result<bool, Error> {{
            let blkid = airtight::command! {{ "blkid", args: ["--", device], status: success(0, 2) }}.run()?;
            if blkid.status() == 0 {{
                return Ok(false);
            }}
            airtight::command! {{ "mkfs.ext4", args: ["-q", "--", device] }}.run()?;
            Ok(true)
        }}

        fn tested() -> Result<(), Error> {{
            {tested}
            Ok(())
        }}

        fn main() {{
            let leased = |_: &Recorded| Answer::success().stdout("leased");
            let dnsmasq = || captured("/x", "example.org", 5, true, airtight::args!["--listen-address" = "::1"]);
            let (bytes, commands) = record(leased, dnsmasq);
            assert_eq!(bytes.expect("it is answered"), b"leased");
            println!("{{}}", commands[0].text());
            println!("{{}}", described());
            tested().expect("it is answered");
            let computed = String::from("-rf");
            println!("{{}}", airtight::command! {{ "rm", args: [computed] }}.run().unwrap_err());
        }}
        "#
    );
    let output = cargo(&package("readme"), &["run"], &program);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    let [dnsmasq, git, refused] = stdout.lines().collect::<Vec<_>>()[..] else { panic!("{stdout}") };
    let words =
        "--strict-order --conf-file=/x --domain example.org --dhcp-lease-max=5 --log-debug --listen-address=::1";
    assert!(dnsmasq.ends_with(words), "{dnsmasq}");
    assert_eq!(git, "git rev-parse HEAD");
    assert_eq!(refused, said.trim());
}

/// Compiles the source line that a message shows, at the line number that it shows.
#[test]
fn its_messages_are_the_compilers() {
    let messages: Vec<_> = blocks("text").into_iter().filter(|block| block.starts_with("error: ")).collect();
    let package = airtight_ui_tests::package(Path::new(env!("CARGO_TARGET_TMPDIR")), "readme-refused");
    let around = [("fn main() {\n", ""), (SCRIPT, "    Ok(())\n")];
    assert_eq!(messages.len(), around.len());
    for (message, (begin, end)) in messages.into_iter().zip(around) {
        let (number, shown) = message.lines().find_map(|line| line.split_once(" | ")).expect("a line of source");
        let before = format!("use airtight::command;\n\n{begin}");
        assert_eq!((before.lines().count() + 1).to_string(), number);
        let output = cargo(&package, &["check"], &format!("{before}{shown}\n{end}}}\n"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.starts_with(message), "{stderr}");
    }
}

const SCRIPT: &str = "\
fn main() -> Result<(), airtight::Error> {
    let (user, script) = (\"nobody\", String::new());
";
