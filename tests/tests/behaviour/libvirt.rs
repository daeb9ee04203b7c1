//! The page on libvirt's functions is complete, and each test that it names exists.

const PAGE: &str = include_str!("../../../runtime/docs/libvirt.md");

/// Every function of the two headers, and the two that wait for a pid.
const FUNCTIONS: &str = "virFork virCommandNew virCommandNewArgs virCommandNewArgList virCommandNewVAList \
    virCommandPassFD \
    virCommandSetPidFile virCommandGetGID virCommandGetUID virCommandSetGID virCommandSetUID virCommandSetMaxMemLock \
    virCommandSetMaxProcesses virCommandSetMaxFiles virCommandSetMaxCoreSize virCommandSetUmask virCommandClearCaps \
    virCommandAllowCap virCommandSetSELinuxLabel virCommandSetAppArmorProfile virCommandDaemonize \
    virCommandNonblockingFDs virCommandRawStatus virCommandAddEnvFormat virCommandAddEnvPair virCommandAddEnvString \
    virCommandAddEnvPass virCommandAddEnvPassCommon virCommandAddEnvXDG virCommandAddArg virCommandAddArgBuffer \
    virCommandAddArgFormat virCommandAddArgPair virCommandAddArgSet virCommandAddArgList \
    virCommandSetWorkingDirectory virCommandSetSendBuffer virCommandSetInputBuffer virCommandSetOutputBuffer \
    virCommandSetErrorBuffer virCommandSetInputFD virCommandSetOutputFD virCommandSetErrorFD \
    virCommandSetPreExecHook virCommandWriteArgLog virCommandToString virCommandToStringFull virCommandToStringBuf \
    virCommandGetArgList virCommandExec virCommandRun virCommandRunAsync virCommandWait virCommandRequireHandshake \
    virCommandHandshakeWait virCommandHandshakeNotify virCommandAbort virCommandDoAsyncIO virCommandRunRegex \
    virCommandRunNul virCommandSetRunAlone virCommandSetRunAmong virCommandDryRunTokenNew virCommandDryRunTokenFree \
    virCommandSetDryRun virCommandFree virPidWait virPidAbort";

/// The function and the test of each row.
fn rows() -> Vec<(&'static str, &'static str)> {
    let cells = PAGE.lines().filter(|line| line.starts_with("| `vir")).map(|line| line.split('|').collect::<Vec<_>>());
    let bare = |cell: &'static str| cell.trim().trim_matches('`');
    cells.map(|cells| (bare(cells[1]), bare(cells[cells.len() - 2]))).collect()
}

#[test]
fn every_function_has_one_row() {
    for function in FUNCTIONS.split_whitespace() {
        assert_eq!(rows().iter().filter(|(name, _)| *name == function).count(), 1, "{function}");
    }
    assert_eq!(rows().len(), FUNCTIONS.split_whitespace().count());
}

#[test]
fn every_row_names_a_test() {
    for (function, test) in rows() {
        let (file, name) = test.split_once("::").expect("a file and a test");
        let source = std::fs::read_to_string(airtight_tests::test_file(file)).expect("a source");
        let is_there = source.contains(&format!("fn {name}()")) || source.contains(&format!("    {name} Clone "));
        assert!(is_there, "{function}: there is no test {test}");
    }
}
