//! Nothing but tests: `ui/<family>/<mistake>.rs`, each beside the messages that it draws.
