//! The table of facts about programs: the syntax in their arguments that they interpret themselves, so that it is not
//! reported as shell syntax.

use crate::language::command_line::is_one_of;

/// One fact about a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// Its arguments are in a language of its own, in which `$`, quotes and backslashes have a meaning.
    Language,
    /// Its first operand, or the value of `-e`, is a pattern or a script, which may contain any character. The field
    /// has the letters of options whose value is the next word.
    Pattern(&'static str),
    /// It takes these operators as arguments.
    Operators(&'static [&'static str]),
    /// The value of these options is a separator.
    Separators(&'static [&'static str]),
    /// It expands `$NAME` itself.
    Variables,
    /// It expands `$(NAME)` itself, in operands only.
    OwnVariables,
    /// It interprets quotes itself.
    Quotes,
    /// It interprets a backslash before a blank.
    Backslashes,
    /// Its operands are file names, not patterns. The field has the letters of options whose value may be a pattern.
    Files(&'static str),
    /// Its first operand is a subcommand. The field has the options before it whose value is the next word.
    Subcommand(&'static [&'static str]),
    /// Its options are a dash and one or more letters: `-rf`, `-name`.
    Dashes,
}

use Fact::{
    Backslashes, Dashes, Files, Language, Operators, OwnVariables, Pattern, Quotes, Separators, Subcommand, Variables,
};

const TABLE: &[(&[&str], &[Fact])] = &[
    // Languages.
    (
        &["awk", "gawk", "mawk", "nawk", "goawk"],
        &[Language, Pattern("Fvf"), Separators(&["-F", "--field-separator"]), Dashes],
    ),
    (&["sed", "gsed"], &[Language, Pattern("fl"), Dashes]),
    (&["perl", "ruby", "python", "node", "php", "lua", "julia", "R", "Rscript"], &[Language, Pattern("")]),
    (&["jq", "yq", "gojq", "jaq", "xq", "dasel", "jsonnet", "xmlstarlet", "xmllint"], &[Language, Pattern("")]),
    (&["osascript", "tclsh", "expect", "deno", "bun", "guile", "racket", "elixir", "erl"], &[Language, Pattern("")]),
    (&["gdb", "lldb", "vim", "vi", "nvim", "ex", "ed", "emacs", "emacsclient", "bc", "dc"], &[Language, Pattern("")]),
    (
        &["psql", "mysql", "mariadb", "sqlite3", "mongosh", "mongo", "redis-cli", "duckdb", "clickhouse"],
        &[Language, Operators(&[";"]), Separators(&["-F", "-R", "-separator"])],
    ),
    (&["nix", "nix-instantiate", "nix-build", "nix-env", "nix-shell", "jj", "tex", "latex", "pdflatex"], &[Language]),
    (&["gnuplot", "octave", "maxima", "gp", "ghci", "scala", "groovy", "raku", "m4", "rpm", "rpmbuild"], &[Language]),
    (&["expr"], &[Language, Operators(&["<", ">", "|", "&", "<=", ">="])]),
    (&["test", "["], &[Operators(&["<", ">"])]),
    (&["dpkg"], &[Operators(&["<", "<<", ">", ">>"]), Dashes]),
    // Patterns.
    (
        &["grep", "egrep", "fgrep", "zgrep", "ggrep", "rg", "ag", "ack", "ugrep", "pcregrep", "pcre2grep"],
        &[Pattern("ABCmfdDtTg"), Files("ABCmefdDtTg"), Dashes],
    ),
    (&["git-grep", "pgrep", "pkill", "journalctl", "ausearch", "locate", "apropos"], &[Pattern("gutUGPs")]),
    (&["tr"], &[Pattern(""), Operators(&["|", ";", "&", "<", ">"]), Quotes, Backslashes, Variables]),
    (&["printf"], &[Pattern("")]),
    // Separators.
    (&["cut", "paste", "numfmt", "xargs", "gxargs", "csvcut", "xsv", "qsv"], &[Separators(&["-d", "--delimiter"])]),
    (&["sort", "join", "split", "csvsort"], &[Separators(&["-t", "--field-separator", "--separator"])]),
    (&["column", "nl", "pr", "seq"], &[Separators(&["-s", "-o", "--separator", "--output-separator"])]),
    // Operators that end or join commands of their own.
    (&["find", "gfind", "fd", "fdfind"], &[Operators(&[";", "+"]), Backslashes, Dashes]),
    (&["tmux", "screen", "nft", "adb", "gst-launch", "parallel", "i3-msg", "swaymsg"], &[Operators(&[";", "&", "|"])]),
    (&["nft"], &[Variables, Quotes]),
    // Programs that expand names or interpret quotes themselves.
    (&["make", "gmake", "bmake", "ninja"], &[OwnVariables]),
    (&["cmake", "meson", "ant", "mvn", "gradle", "msbuild", "dotnet"], &[Variables]),
    (&["xcodebuild", "systemd-run", "envsubst", "dpkg-query", "dpkg-deb", "pkg-config", "logrotate"], &[Variables]),
    (&["gettext", "kubectl", "helm", "nginx", "caddy", "crontab", "at", "entr", "watch", "watchexec"], &[Variables]),
    (&["patchelf", "chrpath", "javac", "java", "javap", "jar", "kotlinc"], &[Variables]),
    (&["systemctl", "systemd-tmpfiles", "systemd-escape", "dbus-send"], &[Backslashes]),
    (&["gsettings", "dconf", "gdbus", "busctl", "defaults", "etcdctl", "PlistBuddy", "nmcli"], &[Quotes]),
    (&["curl", "wget", "http", "https", "xh", "gh", "glab", "grpcurl", "aws", "kubectl"], &[Quotes]),
    (&["gh", "glab"], &[Variables]),
    // Files.
    (
        &["rm", "rmdir", "unlink", "shred", "mkdir", "touch", "truncate", "cat", "tac", "readlink", "realpath"],
        &[Files("drs"), Dashes],
    ),
    (
        &["cp", "mv", "ln", "install", "chown", "chmod", "chgrp", "setfacl", "chattr", "lsattr"],
        &[Files("Sgmo"), Dashes],
    ),
    (&["ls", "dir", "vdir", "eza", "exa", "lsd"], &[Files("ITw"), Dashes]),
    (&["tar", "gtar", "bsdtar"], &[Files(""), Dashes]),
    (
        &["du", "df", "stat", "file", "wc", "head", "tail", "nl", "od", "xxd", "strings", "strip"],
        &[Files("Xctnmx"), Dashes],
    ),
    (
        &["diff", "cmp", "comm", "md5sum", "sha1sum", "sha256sum", "sha512sum", "b2sum", "cksum"],
        &[Files("xIFX"), Dashes],
    ),
    (
        &["gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd", "unzstd", "lz4", "zcat", "xzcat"],
        &[Files("S"), Dashes],
    ),
    (&["rsync", "scp"], &[Files("fe"), Dashes]),
    (&["sort", "uniq", "shasum", "tee", "chcon", "restorecon", "getfacl", "getfattr"], &[Files("ktoS"), Dashes]),
    // Subcommands.
    (
        &["git"],
        &[Subcommand(&["-C", "-c", "--git-dir", "--work-tree", "--exec-path", "--namespace", "--config-env"]), Dashes],
    ),
    (&["cargo"], &[Subcommand(&["-C", "-Z", "--config", "--color", "--manifest-path"]), Dashes]),
    (
        &["systemctl", "loginctl", "machinectl", "networkctl", "resolvectl", "hostnamectl", "timedatectl"],
        &[
            Subcommand(&[
                "-H",
                "-M",
                "-p",
                "-t",
                "-n",
                "-o",
                "-s",
                "--host",
                "--machine",
                "--property",
                "--type",
                "--root",
            ]),
            Dashes,
        ],
    ),
    (&["localectl", "bootctl", "busctl", "portablectl", "homectl", "udevadm", "coredumpctl"], &[Subcommand(&[])]),
    (
        &["docker", "podman", "nerdctl", "buildah", "skopeo"],
        &[
            Subcommand(&["-H", "-l", "-c", "--host", "--log-level", "--context", "--config", "--root", "--runroot"]),
            Dashes,
        ],
    ),
    (&["docker-compose", "podman-compose"], &[Subcommand(&["-f", "-p", "--file", "--project-name", "--env-file"])]),
    (
        &["kubectl", "oc", "helm", "minikube", "kind"],
        &[Subcommand(&["-n", "-s", "--namespace", "--context", "--kubeconfig", "--kube-context"])],
    ),
    (&["npm", "yarn", "pnpm"], &[Subcommand(&["-C", "--prefix", "--cwd", "--dir"])]),
    (
        &["apt", "apt-get", "apt-cache", "apt-mark", "aptitude", "dnf", "yum", "microdnf", "zypper", "apk"],
        &[Subcommand(&["-o", "-c", "-t", "--option", "--config-file", "--root", "-p", "-X", "--installroot"]), Dashes],
    ),
    (&["brew", "port", "flatpak", "snap", "rpm-ostree", "ostree", "bootc", "fwupdmgr"], &[Subcommand(&[])]),
    (&["rustup", "go", "pip", "pipx", "poetry", "uv", "gem", "bundle", "composer", "conda"], &[Subcommand(&[])]),
    (&["terraform", "tofu", "vagrant", "packer", "pulumi", "aws", "gcloud", "az", "gh", "glab"], &[Subcommand(&[])]),
    (&["ip", "bridge"], &[Subcommand(&["-n", "-f", "-netns", "-family"])]),
    (&["openssl"], &[Subcommand(&[])]),
    (&["svn", "hg", "jj", "bzr"], &[Subcommand(&["-R", "--cwd", "--repository"])]),
    (&["zfs", "zpool", "btrfs", "lvm", "cryptsetup", "dmsetup", "losetup", "nvme", "ipmitool"], &[Subcommand(&[])]),
    (&["nmcli", "iwctl", "bluetoothctl", "wpctl", "pactl"], &[Subcommand(&["-f", "-m", "-g", "-t"])]),
    (&["lxc", "incus", "multipass", "mise", "asdf", "nix"], &[Subcommand(&[])]),
    // Other programs whose options are letters.
    (&["mount", "umount", "ssh", "ps", "kill", "killall", "sudo", "su", "doas", "env", "cut", "tr"], &[Dashes]),
    (&["ip", "ss", "tc", "iptables", "ip6tables", "nft", "ping", "dig", "nc", "netstat", "tcpdump"], &[Dashes]),
    (&["gcc", "g++", "cc", "c++", "clang", "clang++", "ld", "ar", "rustc", "javac", "java", "go", "tsc"], &[Dashes]),
    (&["openssl", "ffmpeg", "ffprobe", "convert", "magick", "qemu-img", "useradd", "usermod", "groupadd"], &[Dashes]),
    (&["qemu-system-x86_64", "qemu-system-aarch64", "dnsmasq", "mkfs", "fsck", "dd", "lsblk", "blkid"], &[Dashes]),
    (&["wget", "curl", "zip", "unzip", "7z", "gpg", "make", "patch", "echo", "sort", "date", "id"], &[Dashes]),
];

/// The facts about the program `name`.
pub(super) fn facts(name: &[u8]) -> impl Iterator<Item = &'static Fact> {
    TABLE.iter().filter(move |(names, _)| !name.is_empty() && is_one_of(name, names)).flat_map(|(_, facts)| *facts)
}
