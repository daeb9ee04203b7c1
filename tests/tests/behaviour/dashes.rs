//! A literal `--` exempts the arguments of the program that owns it from the guard, and no others.

use airtight::{ErrorKind, Rule, Run, args, command};

/// The index of the argument that is refused as an option; `None` if the command passes the guard.
fn refused(command: impl Run) -> Option<usize> {
    match command.run() {
        Ok(_) => None,
        Err(error) => match error.kind() {
            ErrorKind::Refused { rule: Rule::OptionInjection, argument, .. } => *argument,
            ErrorKind::Refused { .. } => panic!("{error}"),
            _ => None,
        },
    }
}

/// PATH has no program of these names: none is executed.
macro_rules! nowhere {
    ($program:tt, $($args:tt)*) => {
        refused(command! { $program, args: [$($args)*] })
    };
}

#[test]
fn of_a_wrapper_they_free_no_words_of_the_inner_program() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/sudo", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/sudo", "-u", "root", "--", "env", "--", "rm", &option], Some(7));
    assert_eq!(nowhere!["/nonexistent/env", "--", "A=b", "prog", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/nice", ("-n", 5), "--", "prog", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/xargs", "--", "rm", "-f", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/find", "--", ".", "-exec", "rm", &option, "{}", ";"], Some(5));
    assert_eq!(nowhere!["/nonexistent/ssh", "host", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/kubectl", "exec", "pod", "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/kubectl", "run", "x", "--image=y", "--", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/docker", "run", "--rm", "--", "img", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/docker", "run", ("--name", "x"), "--", "img", "rm", &option], Some(7));
    assert_eq!(nowhere!["/nonexistent/kubectl", "exec", "pod", "--", "sudo", "--", "rm", &option], Some(7));
}

#[test]
fn they_free_the_words_of_their_own_program() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/sudo", "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/sudo", "rm", "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/sudo", ("-u", "root"), "--", "rm", "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/find", ".", "-exec", "rm", "--", &option, "{}", ";"], None);
    assert_eq!(nowhere!["/nonexistent/kubectl", "exec", "pod", "--", "rm", "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/kubectl", "delete", "pod", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/docker", "rm", "-f", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/docker", "exec", "-i", "name", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/git", "log", "--", &option, ..[&option]], None);
    assert_eq!(nowhere!["/nonexistent/rm", ("--", &option)], None);
}

#[test]
fn the_value_of_an_option_ends_no_options() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/git", "commit", ("-m", "--"), &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/git", "commit", ("-m", String::from("--")), &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/git", ("-m", "--"), "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/git", ..args![("-m", "--")], &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/git", ..secret(args![("-m", "--")]), &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/sudo", "-u", "--", &option, "rm"], Some(3));
}

#[test]
fn a_pair_without_an_option_says_nothing_of_its_second_word() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/cat", ("-", &option)], Some(2));
    assert_eq!(nowhere!["/nonexistent/cat", ("", &option)], Some(2));
    const NONE: &str = "";
    assert_eq!(nowhere!["/nonexistent/cat", (NONE, &option)], Some(2));
    assert_eq!(nowhere!["/nonexistent/cat", ("-m", &option)], None);
}

#[test]
fn whatever_the_words_are_put_together_from() {
    let option = String::from("-rf");
    let base = command! { "/nonexistent/env", args: ["--"] };
    assert_eq!(refused(command! { ..base.clone(), args: ["prog", &option] }), Some(3));
    assert_eq!(refused(command! { ..base, args: [&option] }), None);
    let base = command! { "/nonexistent/rm", args: ["--"] };
    assert_eq!(refused(command! { ..base, args: ["a", &option] }), None);
    let list = args!["--", "rm", &option];
    assert_eq!(nowhere!["/nonexistent/sudo", ..&list], Some(3));
    assert_eq!(nowhere!["/nonexistent/ls", ..&list], None);
    assert_eq!(nowhere!["/nonexistent/ls", ..args!["--"], &option], None);
    let list = args![&option];
    assert_eq!(nowhere!["/nonexistent/rm", ..&list], Some(1));
    assert_eq!(nowhere!["/nonexistent/rm", "--", ..&list], None);
}

#[test]
fn a_computed_wrapper_is_judged_as_a_spelled_one() {
    let (sudo, option) = (String::from("/nonexistent/sudo"), String::from("-rf"));
    assert_eq!(refused(command! { &sudo, args: ["--", "rm", &option] }), Some(3));
    assert_eq!(refused(command! { &sudo, args: ["--", "rm", "--", &option] }), None);
}

#[test]
fn a_secret_is_not_shown_by_the_refusal() {
    let list = args!["a", String::from("-hidden")];
    let error = command! { "/nonexistent/rm", args: [..secret(list)] }.run().unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("argument 2 is computed") && !text.contains("-hidden"), "{text}");
}

#[test]
fn the_refusal_says_whose_dashes_they_are() {
    let option = String::from("-rf");
    let says = |command: airtight::Command| command.run().map(drop).unwrap_err().to_string();
    let of_another = "after a literal `\"--\"` of its own program (the one before it is another's), as";
    let text = says(command! { "/nonexistent/sudo", args: ["--", "rm", &option] });
    assert!(text.contains(of_another), "{text}");
    let text = says(command! { "/nonexistent/rm", args: [("-m", "--"), &option] });
    assert!(text.contains("pass it after a literal `\"--\"`, as"), "{text}");
}

#[test]
fn of_less_known_wrappers_they_free_no_words_of_the_inner_program_either() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/choom", "-n", "0", "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/choom", ("-n", 0), "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/uclampset", "-m", "5", "-R", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/coresched", "new", "-t", "pid", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/coresched", "exec", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/rlwrap", "-a", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/cpulimit", "-l", "5", "-i", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/torsocks", "-P", "9050", "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/torify", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/proxychains4", "-q", "-f", "conf", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/proxychains", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/fakechroot", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/eatmydata", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/unbuffer", "--", "rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/podman", "unshare", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/buildah", "unshare", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/buildah", "run", "name", "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/buildah", "run", "--", "name", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/apptainer", "exec", "--", "image", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/singularity", "exec", "-e", "--", "image", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/conda", "run", "-n", "x", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/mamba", "run", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/micromamba", "run", "-p", "/x", "--", "rm", &option], Some(6));
    assert_eq!(nowhere!["/nonexistent/ld-linux-x86-64.so.2", "--argv0", "x", "--", "/bin/rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/ld-linux-aarch64.so.1", "--", "/bin/rm", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/script", "-q", "/dev/null", "--", "rm", &option], Some(5));
    assert_eq!(nowhere!["/nonexistent/sudo", "choom", "-n", "0", "--", "rm", &option], Some(6));
}

#[test]
fn what_runs_a_script_or_builds_a_program_passes_on_what_is_behind_them() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/npm", "exec", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/npm", "exec", "rm", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/npm", "run", "x", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/npm", "start", "--", &option], Some(3));
    assert_eq!(nowhere!["/nonexistent/yarn", "dlx", "--", "rm", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/yarn", "exec", "rm", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/yarn", "run", "x", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/pnpm", "run", "x", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/cargo", "run", "--release", "--", &option], Some(4));
    assert_eq!(nowhere!["/nonexistent/cargo", "run", "--", "--", &option], None);
    assert_eq!(nowhere!["/nonexistent/npm", "run", "x", "--", "--", &option], None);
}

#[test]
fn of_less_known_wrappers_they_free_their_own_words_and_those_of_the_inner_program() {
    let option = String::from("-rf");
    assert_eq!(nowhere!["/nonexistent/choom", "-n", "0", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/choom", "-n", "0", "--", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/cpulimit", "-i", "-l", "5", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/torsocks", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/apptainer", "exec", "image", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/conda", "run", "-n", "x", "rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/ld-linux-x86-64.so.2", "/bin/rm", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/npm", "install", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/yarn", "add", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/cargo", "install", "--", &option, &option], None);
    assert_eq!(nowhere!["/nonexistent/script", "--", &option], None);
}
