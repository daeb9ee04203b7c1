use airtight::args;

fn main() {
    let _ = args!["--fd", fd(file)];
}
