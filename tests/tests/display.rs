//! A command as text: what a POSIX shell reads back.

use airtight::{args, command};

#[test]
fn on_one_line_and_on_several() {
    let name = "a b";
    let rsync = command! {
        "/usr/bin/rsync",
        args: ["--archive", "--rsh" = "ssh -p 22", ("--exclude", "*.o"), "-v", "--", name, "-", "host:/x"],
        env: pass_common + { LANG = "C", EMPTY = "" },
        cwd: "/",
    };
    assert_eq!(
        rsync.to_string(),
        "LC_ALL=C LANG=C EMPTY= /usr/bin/rsync --archive '--rsh=ssh -p 22' --exclude '*.o' -v -- 'a b' - host:/x"
    );
    assert_eq!(
        format!("{rsync:#}"),
        "LC_ALL=C LANG=C EMPTY= /usr/bin/rsync \\\n    --archive \\\n    '--rsh=ssh -p 22' \\\n    --exclude '*.o' \\\n    -v \\\n    -- 'a b' - host:/x"
    );
    assert_eq!(format!("{:?}", args!["a b", "--x" = 1, secret("s")]), "['a b', --x=1, ***]");
}

#[test]
fn the_program_and_its_words_read_back() {
    use std::os::unix::ffi::OsStringExt;
    let mut words: Vec<Vec<u8>> = [
        "",
        "a",
        "a b",
        "it's",
        "\"",
        "\\",
        "$HOME",
        "`id`",
        "$(id)",
        "a\nb",
        "\n",
        "end\n",
        "\t",
        "~",
        "~/x",
        "#c",
        "!x",
        "a=b",
        "=x",
        "*?[x]",
        "{a,b}",
        "-n",
        "\u{1b}[1m",
        "\u{7f}",
        "grün",
        "\u{85}",
        ";",
        "&",
        "|",
        "<x>",
        "(x)",
        "'",
        "''",
        "'a",
        "%s\\n",
        "\r\n",
    ]
    .iter()
    .map(|word| word.as_bytes().to_vec())
    .collect();
    words.push((1..=255).collect());
    words.push(b"\xff\n\xfe".to_vec());
    for word in &words {
        let word = std::ffi::OsString::from_vec(word.clone());
        let shown = command! { "printf", args: ["%s", verbatim(word.as_os_str())] }.to_string();
        let read = std::process::Command::new("sh").args(["-c", &shown]).output().expect("a shell");
        assert_eq!(read.stdout, word.into_vec(), "{shown}");
    }
}
