use airtight::command;

fn main() {
    let (all, mode) = (true, 1);
    let _ = command! {
        "ls",
        args: [
            if all { "-a -l" } else { ["-1", "| head"] },
            match mode { 0 => "-t", _ => "--sort size" },
            for _ in 0..2 { "-w 80" },
        ],
    };
}
