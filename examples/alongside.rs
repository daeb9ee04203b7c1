//! A dialogue with a program that `spawn` started, through a pipe to its stdin and one from its stdout.

use airtight::command;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};

fn main() -> Result<(), Box<dyn Error>> {
    // Unbuffered, so that each answer arrives at once.
    let mut sed = command! {
        "sed",
        args: ["-u", ("-e", "s/[aeiou]/*/g")],
        env: pass_common,
        stdin: pipe,
        stdout: pipe,
        stderr: inherit,
    }
    .spawn()?;
    println!("process {} runs beside this one", sed.id());
    let mut questions = sed.take_stdin().ok_or("it is taken once")?;
    let mut answers = BufReader::new(sed.take_stdout().ok_or("it is taken once")?).lines();
    for question in ["a descriptor", "a signal mask", "an environment"] {
        writeln!(questions, "{question}")?;
        println!("  {question} -> {}", answers.next().ok_or("no answer")??);
    }
    assert!(sed.try_wait()?.is_none(), "it waits for more");
    // The program ends at the end of its input.
    drop(questions);
    sed.wait()?;
    println!("ended");
    Ok(())
}
