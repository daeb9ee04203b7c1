//! The part of the language server protocol that the tests need.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    next: u64,
    document: String,
    text: String,
    is_idle: bool,
}

/// The first answer waits for a build.
const PATIENCE: Duration = Duration::from_secs(300);

impl Client {
    /// Starts the server on `package`, whose main file is `text`, and waits until it has loaded the workspace.
    pub(crate) fn open(package: &Path, text: &str) -> Client {
        std::fs::write(package.join("src/main.rs"), text).expect("a source file");
        let mut server = Command::new("rust-analyzer")
            .current_dir(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let (sender, messages) = mpsc::channel();
        let mut output = BufReader::new(server.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = server.stdin.take().expect("a pipe");
        let folder = format!("file://{}", package.display());
        let document = format!("{folder}/src/main.rs");
        let mut client = Client { server, input, messages, next: 0, document, text: text.to_owned(), is_idle: false };
        client.ask(
            "initialize",
            &json!({
                "processId": null,
                "rootUri": folder,
                "capabilities": { "experimental": { "serverStatusNotification": true } },
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
            }),
        );
        client.tell("initialized", &json!({}));
        let document = json!({ "uri": client.document, "languageId": "rust", "version": 1, "text": text });
        client.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        let start = Instant::now();
        while !client.is_idle {
            assert!(start.elapsed() < PATIENCE, "rust-analyzer did not load the package");
            client.receive();
        }
        client
    }

    /// The hover text of the first `word` on the line that contains `line`.
    pub(crate) fn hover(&mut self, line: &str, word: &str) -> String {
        let place = self.place(line, word, 1);
        self.ask("textDocument/hover", &place)["contents"]["value"].as_str().unwrap_or("nothing").to_owned()
    }

    /// The files that "go to definition" leads to from there.
    pub(crate) fn definition(&mut self, line: &str, word: &str) -> Vec<String> {
        let place = self.place(line, word, 1);
        let found = self.ask("textDocument/definition", &place);
        let places = found.as_array().cloned().unwrap_or_default();
        let uri = |place: &Value| place["targetUri"].as_str().or(place["uri"].as_str()).unwrap_or_default().to_owned();
        places.iter().map(uri).collect()
    }

    /// The completions after `typed`.
    pub(crate) fn completion(&mut self, line: &str, typed: &str) -> Vec<String> {
        let place = self.place(line, typed, typed.len());
        let found = self.ask("textDocument/completion", &place);
        let items = found["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| Some(item["label"].as_str()?.to_owned())).collect()
    }

    /// The errors of the file: codes and texts.
    pub(crate) fn errors(&mut self) -> Vec<(String, String)> {
        let document = json!({ "textDocument": { "uri": self.document } });
        let found = self.ask("textDocument/diagnostic", &document);
        let items = found["items"].as_array().cloned().unwrap_or_default();
        let errors = items.iter().filter(|item| item["severity"] == 1);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.map(|item| (text(&item["code"]), text(&item["message"]))).collect()
    }

    fn place(&self, line: &str, word: &str, behind: usize) -> Value {
        let (number, text) =
            self.text.lines().enumerate().find(|(_, text)| text.contains(line)).expect("a line of the source");
        let from = text.find(line).unwrap_or_default();
        let at = from + text[from..].find(word).expect("a word of the line");
        json!({
            "textDocument": { "uri": self.document },
            "position": { "line": number, "character": at + behind },
        })
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            if let Some(answer) = self.receive().filter(|answer| answer["id"] == id) {
                return answer["result"].clone();
            }
        }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("rust-analyzer reads");
        self.input.flush().expect("rust-analyzer reads");
    }

    /// The next answer. Handles the server's own requests and notifications on the way.
    fn receive(&mut self) -> Option<Value> {
        let message = self.messages.recv_timeout(PATIENCE).expect("rust-analyzer answers");
        match message["method"].as_str() {
            None => return Some(message),
            Some("experimental/serverStatus") => self.is_idle = message["params"]["quiescent"] == true,
            Some(_) if message["id"].is_null() => {}
            Some(method) => {
                let items = message["params"]["items"].as_array().map_or(0, Vec::len);
                let result =
                    if method == "workspace/configuration" { json!(vec![Value::Null; items]) } else { Value::Null };
                self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
            }
        }
        None
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut header = String::new();
        if output.read_line(&mut header).ok()? == 0 {
            return None;
        }
        match header.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut text = vec![0; length];
    output.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
