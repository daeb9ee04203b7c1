//! Reads a program's output line by line while it runs, and draws a progress bar.

use airtight::command;
use airtight_examples::Scratch;
use std::error::Error;
use std::io::{IsTerminal, Write, stdout};

const FILES: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let scratch = Scratch::new("progress")?;
    let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
    std::fs::create_dir(&from)?;
    for number in 0..FILES {
        std::fs::write(from.join(format!("file-{number:03}")), vec![b'x'; 10_000])?;
    }

    let mut bar = Bar { done: 0, terminal: stdout().is_terminal() };
    command! {
        "cp",
        args: ["--recursive", "--verbose", "--", &from, &to],
        env: pass_common,
        stdout: lines(|line| bar.advance(line)),
    }
    .run()?;
    println!("\n{} entries copied", std::fs::read_dir(&to)?.count());

    // An error that the callback returns ends the program.
    let mut seen = 0;
    let enough = |_: &str| {
        seen += 1;
        if seen < 1000 { Ok(()) } else { Err("a thousand is enough") }
    };
    let error = command! { "yes", stdout: lines(enough) }.run().err().ok_or("`yes` should have been ended")?;
    println!("{error}");
    Ok(())
}

struct Bar {
    done: usize,
    terminal: bool,
}

impl Bar {
    /// On a terminal, rewrites one line; otherwise prints a line at every quarter.
    fn advance(&mut self, line: &str) -> std::io::Result<()> {
        const WIDTH: usize = 40;
        self.done += 1;
        let filled = (self.done * WIDTH / (FILES + 1)).min(WIDTH);
        let bar = format!(
            "[{}{}] {}",
            "#".repeat(filled),
            " ".repeat(WIDTH - filled),
            line.split(" -> ").next().unwrap_or(line)
        );
        if self.terminal {
            print!("\r{bar:.100}\x1b[K");
            stdout().flush()?;
        } else if self.done.is_multiple_of(FILES / 4) {
            println!("{bar:.100}");
        }
        Ok(())
    }
}
