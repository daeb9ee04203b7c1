//! Performs the actions of its command line in order: `actor ACTION [OPERAND …]`.

use airtight_tests::proc;
use std::io::{Read, Write, stderr, stdin, stdout};
use std::time::{Duration, Instant};

fn main() {
    let mut words = std::env::args().skip(1);
    let Some(first) = words.next() else { return };
    let mut action = first;
    loop {
        perform(&action, &mut words);
        match words.next() {
            Some(next) => action = next,
            None => return,
        }
    }
}

fn perform(action: &str, operands: &mut impl Iterator<Item = String>) {
    let mut operand = || operands.next().expect("an operand");
    match action {
        "exit" => std::process::exit(number(&operand()) as i32),
        "signal" => {
            let signal = number(&operand()) as i32;
            // SAFETY: a signal to itself.
            unsafe { libc::raise(signal) };
        }
        "stdout" => write(&mut stdout(), operand().as_bytes()),
        "stderr" => write(&mut stderr(), operand().as_bytes()),
        "every-byte" => {
            let every: Vec<u8> = (0..=u8::MAX).collect();
            write(&mut stdout(), &every);
            write(&mut stderr(), &every);
        }
        // Raw read and write: std's line buffering would hold back output without a newline.
        "echo" => {
            let mut bytes = Vec::new();
            stdin().read_to_end(&mut bytes).expect("stdin");
            write(&mut stdout(), &bytes);
        }
        "pass-on" => {
            std::io::copy(&mut stdin(), &mut stdout()).expect("a copy");
        }
        "count" => {
            let count = std::io::copy(&mut stdin(), &mut std::io::sink()).expect("stdin");
            write(&mut stdout(), count.to_string().as_bytes());
        }
        "close-stdin" => {
            // SAFETY: nothing here reads it any more.
            unsafe { libc::close(0) };
        }
        "close-outputs" => {
            // SAFETY: nothing here writes to them any more.
            unsafe { libc::close(1) };
            // SAFETY: as above.
            unsafe { libc::close(2) };
        }
        "flood-stdout" => flood(&mut [&mut stdout()], number(&operand())),
        "flood-both" => flood(&mut [&mut stdout(), &mut stderr()], number(&operand())),
        "sleep" => std::thread::sleep(Duration::from_millis(number(&operand()))),
        // Forks a process that holds the inherited descriptors for so many milliseconds, or until a path is removed;
        // this one goes on.
        "leave-behind" => {
            let (time, path) = (Duration::from_millis(number(&operand())), operand());
            // SAFETY: this process has one thread; the child only sleeps, writes and exits.
            if unsafe { libc::fork() } == 0 {
                let begun = Instant::now();
                while begun.elapsed() < time && std::fs::exists(&path).unwrap_or(false) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                let _ = stdout().write_all(b"late");
                std::process::exit(0);
            }
        }
        // Tries to trace a process and to read its memory and its environ, and prints which of them succeeded.
        "spy" => {
            let pid = number(&operand());
            // SAFETY: takes no pointers but null ones.
            if unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid as libc::pid_t, 0, 0) } == 0 {
                write(&mut stdout(), b"trace ");
            }
            for file in ["mem", "environ", "maps", "auxv"] {
                let opened = std::fs::File::open(proc(format_args!("{pid}/{file}")));
                // Page 0 is never mapped, so reading it fails: to open the file is the proof.
                if opened.is_ok_and(|mut opened| file == "mem" || opened.read(&mut [0; 16]).is_ok_and(|read| read > 0))
                {
                    write(&mut stdout(), format!("{file} ").as_bytes());
                }
            }
        }
        other => panic!("no action {other}"),
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}

fn write(stream: &mut dyn Write, bytes: &[u8]) {
    stream.write_all(bytes).and_then(|()| stream.flush()).expect("a stream that takes it");
}

fn flood(streams: &mut [&mut dyn Write], mut length: u64) {
    let chunk = [b'x'; 8192];
    while length > 0 {
        let part = length.min(chunk.len() as u64);
        streams.iter_mut().for_each(|stream| write(*stream, &chunk[..part as usize]));
        length -= part;
    }
}
