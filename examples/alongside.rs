//! A program that runs alongside and is talked to: a pipe in, a pipe out, `spawn`.

use airtight::command;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};

fn main() -> Result<(), Box<dyn Error>> {
    // Unbuffered, so that each question has its answer at once.
    let mut sed = command! {
        "sed",
        args: ["-u", ("-e", "s/[aeiou]/*/g")],
        env: pass_common,
        stdin: pipe,
        stdout: pipe,
        stderr: inherit,
    }
    .spawn()?;
    println!("process {} runs alongside", sed.id());
    let mut questions = sed.take_stdin().ok_or("it is taken once")?;
    let mut answers = BufReader::new(sed.take_stdout().ok_or("it is taken once")?).lines();
    for question in ["a descriptor", "a signal mask", "an environment"] {
        writeln!(questions, "{question}")?;
        println!("  {question} -> {}", answers.next().ok_or("no answer")??);
    }
    assert!(sed.try_wait()?.is_none(), "it waits for more");
    // The end of its input is the end of it.
    drop(questions);
    sed.wait()?;
    println!("ended");
    Ok(())
}
