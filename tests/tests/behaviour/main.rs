//! The behaviour that a caller and a child observe, one module a subject. A test that changes its process runs in
//! one of its own (`airtight_tests::alone`). Tests that need more than that are binaries of their own beside this folder:
//! those that take every core or measure time closely, those without the harness, and those that another runner names.

mod afterwards;
mod args;
mod bounds;
mod composition;
mod copies;
mod dashes;
mod descendants;
mod descendants_where;
mod display;
mod dry_run;
mod dry_run_scopes;
mod end_words;
mod env;
mod errors;
mod fifos;
mod file_buffer;
mod grammar;
mod groups;
mod held_ids;
mod libvirt;
mod long_lists;
mod machine;
mod memory;
mod neighbours;
mod pieces;
mod process;
mod secrets;
mod shell_script;
mod sizes;
mod spelled;
mod surroundings;
mod without_proc;
