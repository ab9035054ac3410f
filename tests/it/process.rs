//! A server process, and the requests that tests send to it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Body, Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answer::Answer;

/// The admin account of every test's server.
pub const USER: &str = "testuser";
pub const PASSWORD: &str = "testpass";

const PROGRAM: &str = env!("CARGO_BIN_EXE_boathouse");

/// A running server; killed when this drops.
pub struct Server {
    pub base: String,
    pub client: Client,
    process: Child,
    _output: BufReader<ChildStdout>,
    dir: Option<TempDir>,
}

/// The program without the environment's own settings.
pub fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BOATHOUSE_") || name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// A server on a fresh data directory.
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), &[])
    }

    /// A server on a data directory that may have been used before, with more flags.
    pub fn start_in(dir: TempDir, flags: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(dir.path().join("log")).unwrap();
        let mut process = program()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .arg("--data-dir")
            .arg(dir.path().join("data"))
            .args(flags)
            .env("BOATHOUSE_QUERY_MEMORY", "256MiB")
            .env("BOATHOUSE_QUERY_THREADS", "2")
            .env("BOATHOUSE_ADMIN_USERNAME", USER)
            .env("BOATHOUSE_ADMIN_PASSWORD", PASSWORD)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Some(base) = line.trim_end().strip_prefix("listening on ") else {
            let _ = process.kill();
            panic!("the server said {line:?}; its log: {}", fs::read_to_string(dir.path().join("log")).unwrap());
        };
        let client = Client::builder().no_proxy().build().unwrap();
        Self { base: base.to_owned(), client, process, _output: output, dir: Some(dir) }
    }

    /// The directory that holds `data` and `log`.
    pub fn dir(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    pub fn data_dir(&self) -> String {
        self.dir().join("data").to_str().unwrap().to_owned()
    }

    /// What it has logged by now: it writes its lines together, after some milliseconds.
    pub fn log(&self) -> String {
        std::thread::sleep(Duration::from_millis(100));
        fs::read_to_string(self.dir().join("log")).unwrap()
    }

    /// Runs a subcommand on this server's data directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).arg("--data-dir").arg(self.data_dir());
        command
    }

    /// What the process has used of the processor, on all threads.
    pub fn cpu_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        // A thread that ends meanwhile takes its time with it; those of the runtimes stay.
        let nanoseconds = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// A metric without labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let page = self.get("/metrics").send().await.unwrap().text().await.unwrap();
        let line = page.lines().find(|line| line.split(' ').next() == Some(name));
        line.unwrap_or_else(|| panic!("no metric {name}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Ends the process with SIGKILL; the data directory stays.
    pub fn kill(mut self) -> TempDir {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.dir.take().unwrap()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the server as an operator does, and gives the data directory back.
    pub async fn stop(mut self) -> TempDir {
        self.signal("TERM");
        assert!(self.ended().await.success());
        self.dir.take().unwrap()
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    /// A signed request.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base)).basic_auth(USER, Some(PASSWORD))
    }

    /// `POST /query` with this body.
    pub async fn query_with(&self, body: Value) -> Response {
        self.post("/query").json(&body).send().await.unwrap()
    }

    /// The whole answer to a statement, which may be an error line.
    pub async fn ask(&self, statement: &str) -> Answer {
        let response = self.query_with(json!({ "statement": statement })).await;
        assert_eq!(response.status(), StatusCode::OK, "{statement}");
        Answer::read(&response.text().await.unwrap())
    }

    /// The rows of a statement that must not fail, as one JSON value.
    pub async fn rows(&self, statement: &str) -> Value {
        let answer = self.ask(statement).await;
        assert_eq!(answer.error, None, "{statement}");
        Value::Array(answer.rows)
    }

    /// An upload into `lakehouse.main`.
    pub fn upload(&self, table: &str, mode: &str) -> RequestBuilder {
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", table), ("mode", mode)];
        self.post("/upload").query(&query)
    }

    /// An append to `lakehouse.main` as it was answered; the body is one row or an array of rows.
    pub async fn append_with(&self, table: &str, sync: bool, rows: Value) -> Value {
        let request = self.append(table, sync).json(&rows);
        let (status, text) = told(request).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// An append to `lakehouse.main` without a body.
    pub fn append(&self, table: &str, sync: bool) -> RequestBuilder {
        let sync = if sync { "true" } else { "false" };
        let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", table), ("sync", sync)];
        self.post("/append").query(&query)
    }

    /// The answer to `GET /tasks/{id}`.
    pub async fn task(&self, id: &Value) -> Value {
        let request = self.get(&format!("/tasks/{}", id.as_str().unwrap())).basic_auth(USER, Some(PASSWORD));
        serde_json::from_str(&told(request).await.1).unwrap()
    }

    /// An upload that must succeed, with the empty body that clients expect.
    pub async fn load(&self, table: &str, mode: &str, body: impl Into<Body>) {
        let (status, text) = told(self.upload(table, mode).body(body)).await;
        assert_eq!((status, text.as_str()), (StatusCode::OK, ""));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that ended the process itself has nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Status and text of an answer.
pub async fn told(request: RequestBuilder) -> (StatusCode, String) {
    let response = request.send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// An upload that must be refused with 400; the message.
pub async fn refused(request: RequestBuilder) -> String {
    let (status, text) = told(request).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    assert!(!text.is_empty());
    text
}

/// Waits until `done` says so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut done: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done().await {
        assert!(Instant::now() < deadline, "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
