//! A command as text that a POSIX shell reads back.

use airtight::{args, command};

#[test]
fn on_one_line_and_on_several() {
    let _watch = airtight_tests::Watch::new();
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
        "LC_ALL=C LANG=C EMPTY= /usr/bin/rsync \\\n    --archive \\\n    '--rsh=ssh -p 22' \\\n    \
         --exclude '*.o' \\\n    -v \\\n    -- 'a b' - host:/x"
    );
    assert_eq!(format!("{:?}", args!["a b", "--x" = 1, secret("s")]), "['a b', --x=1, ***]");
}

#[test]
fn the_program_and_its_words_read_back() {
    let _watch = airtight_tests::Watch::new();
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
        "a\u{202e}b\u{2066}c",
        "\u{200b}\u{200f}\u{61c}",
        "\u{2028}x\u{2029}",
        "\u{feff}",
        "\u{2060} \u{e0041}",
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

/// Random bytes other than NUL, the same in every run.
fn generated(count: usize) -> Vec<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt;
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let special = b"abcXYZ019_-./,:=@%+ '\"\\$`!*?[]{}()<>|&;#~\n\t\r\x1b\xc3\xbc";
    let mut word = || {
        let length = next(12);
        (0..length).map(|_| if next(8) == 0 { next(255) as u8 + 1 } else { special[next(special.len())] }).collect()
    };
    (0..count).map(|_| std::ffi::OsString::from_vec(word())).collect()
}

#[test]
fn a_shell_reads_generated_words_back() {
    let _watch = airtight_tests::Watch::new();
    use std::os::unix::ffi::OsStrExt;
    for words in generated(4000).chunks(200) {
        let shown = command! { "printf", args: ["%s\\0", ..verbatim(words)] }.to_string();
        let read = std::process::Command::new("sh").args(["-c", &shown]).output().expect("a shell");
        let expected: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
        assert_eq!(read.stdout, expected, "{shown}");
    }
}

#[test]
fn assignments_and_programs_read_back() {
    let _watch = airtight_tests::Watch::new();
    let odd = command! { "printenv", args: ["A-B", "C"], env: pass_common + { "A-B" = "a 'b'", C = "$x" } };
    assert_eq!(odd.to_string(), r#"env LC_ALL=C A-B='a '\''b'\' C='$x' printenv A-B C"#);
    let read = std::process::Command::new("sh").args(["-c", &odd.to_string()]).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&read.stdout), "a 'b'\n$x\n");
    assert_eq!(command! { "/opt/A=b" }.to_string(), "'/opt/A=b'");
}

#[test]
fn the_log_and_the_arguments() {
    let _watch = airtight_tests::Watch::new();
    use std::io::{Read, Seek};
    let folder = airtight_tests::Folder::new();
    let log = std::fs::File::options().create_new(true).read(true).append(true).open(folder.join("log"));
    let mut log = log.expect("a file");
    let mount = command! { "mount", args: ["-o", "ro", secret("hidden"), "a b"] };
    mount.write_log(&log).expect("it takes it");
    mount.write_log(&log).expect("it takes it");
    let mut text = String::new();
    log.rewind().and_then(|()| log.read_to_string(&mut text).map(drop)).expect("text");
    assert_eq!(text, "mount -o ro *** 'a b'\n".repeat(2));
    assert!(mount.args().eq(["-o", "ro", "hidden", "a b"]));
    let full = std::fs::File::options().write(true).open("/dev/full").expect("the device");
    assert!(mount.write_log(&full).is_err());
}

#[test]
fn what_is_not_seen_is_shown_by_its_bytes() {
    let _watch = airtight_tests::Watch::new();
    let command = command! { "echo", args: ["a\u{202e}b", "\u{feff}"], env: empty + { X = "\u{2028}" } };
    let octal = |bytes: [&str; 3]| bytes.map(|byte| format!(r#""$(printf '\{byte}')""#)).concat();
    let [over, mark, line] = [["342", "200", "256"], ["357", "273", "277"], ["342", "200", "250"]].map(octal);
    assert_eq!(command.to_string(), format!("X={line} echo 'a'{over}'b' {mark}"));
}
