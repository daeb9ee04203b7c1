use airtight::command;

fn main() {
    #[allow(non_snake_case)]
    let OPTION = "-x";
    let _ = command! { "true", args: [OPTION] };
}
