fn main() {
    let _ = airtight::args!["--all", ">", "/dev/null"];
}
