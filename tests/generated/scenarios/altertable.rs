//! What a user of the Rust client does, against the server at the address in the first argument.

use std::error::Error;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use boathouse_altertable::types::UploadTableMode;
use boathouse_altertable::{ByteStream, Client, Error as Refusal, ResponseValue};
use futures_util::StreamExt;
use reqwest::header::{AUTHORIZATION, HeaderMap};

const TABLE: &str = "numbers_rust";
/// Each number below ROWS times each: as many rows as numbers below ROWS², every one of which is there once.
const ROWS: u64 = 600;
const ALL: u64 = ROWS * ROWS;
/// Nobody waits for the end of this answer, which is about 13 terabytes.
const ENDLESS: &str = "SELECT * FROM generate_series(1, 1000000000000)";
const ENOUGH: usize = 100_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn sign_in(address: &str, name: &str, password: &str) -> Outcome<Client> {
    let payload = BASE64_STANDARD.encode(format!("{name}:{password}"));
    let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Basic {payload}").parse()?)]);
    Ok(Client::new_with_client(address, reqwest::Client::builder().default_headers(headers).build()?))
}

async fn upload(client: &Client) -> Result<ResponseValue<()>, Refusal<ByteStream>> {
    let numbers: String = (0..ROWS).map(|n| format!("{n}\n")).collect();
    let upload = client.upload_table().catalog("lakehouse").schema("main").table(TABLE).mode(UploadTableMode::Create);
    upload.body(format!("n\n{numbers}")).send().await
}

async fn run(client: &Client, statement: &str) -> Result<Lines, Refusal<ByteStream>> {
    let answer = client.run_query().body_map(|body| body.statement(statement)).send().await?;
    Ok(Lines { bytes: answer.into_inner(), rest: Vec::new() })
}

/// The lines of an answer, each as soon as it is there.
struct Lines {
    bytes: ByteStream,
    rest: Vec<u8>,
}

impl Lines {
    /// The lines that are complete with the next bytes; none at the end.
    async fn next(&mut self) -> Outcome<Vec<String>> {
        while let Some(bytes) = self.bytes.next().await {
            self.rest.extend_from_slice(&bytes?);
            if let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') {
                let rest = self.rest.split_off(end + 1);
                let complete = String::from_utf8(std::mem::replace(&mut self.rest, rest))?;
                return Ok(complete.lines().map(str::to_owned).collect());
            }
        }
        Ok(Vec::new())
    }
}

/// Status and text of a refusal that the document describes.
async fn refusal(error: Refusal<ByteStream>) -> Outcome<(u16, String)> {
    let Refusal::ErrorResponse(response) = error else { return Err(error.into()) };
    let status = response.status().as_u16();
    let mut text = Vec::new();
    let mut bytes = response.into_inner();
    while let Some(part) = bytes.next().await {
        text.extend_from_slice(&part?);
    }
    Ok((status, String::from_utf8(text)?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, name, password] = &arguments[..] else { return Err("address, name and password, please".into()) };
    let client = sign_in(address, name, password)?;
    let reply = client.validate_statement().body_map(|body| body.statement("SELECT 1")).send().await?;
    assert!(reply.valid, "{reply:?}");
    println!("signed in as {name}; a right statement is valid");

    let reply = client.validate_statement().body_map(|body| body.statement("SELECT FROM WHERE")).send().await?;
    assert!(!reply.valid, "{reply:?}");
    let error = reply.error.as_deref().unwrap_or_default();
    assert!(!error.is_empty(), "{reply:?}");
    println!("a wrong statement is not: {}", error.lines().next().unwrap_or_default());

    upload(&client).await?;
    println!("uploaded {ROWS} rows into {TABLE}");

    let pairs = format!("SELECT a.n * {ROWS} + b.n AS number FROM {TABLE} a CROSS JOIN {TABLE} b");
    let mut answer = run(&client, &pairs).await?;
    let (mut lines, mut count, mut total) = (0, 0, 0);
    loop {
        let complete = answer.next().await?;
        if complete.is_empty() {
            break;
        }
        for line in complete {
            match lines {
                0 => assert!(line.contains(&pairs), "{line}"),
                1 => assert_eq!(line, r#"[{"name":"number","type":"BIGINT"}]"#),
                _ => {
                    count += 1;
                    total += line.trim_matches(['[', ']']).parse::<u64>()?;
                }
            }
            lines += 1;
        }
    }
    assert_eq!((count, total), (ALL, ALL * (ALL - 1) / 2));
    println!("read {count} rows with the sum {total}");

    let mut answer = run(&client, ENDLESS).await?;
    let mut seen = 0;
    while seen < ENOUGH + 2 {
        let complete = answer.next().await?;
        assert!(!complete.is_empty(), "the answer ended after {seen} lines");
        seen += complete.len();
    }
    drop(answer);
    println!("read {ENOUGH} rows of an answer that has a million million, and went away");

    let again = upload(&client).await.expect_err("the table is there already");
    let (status, text) = refusal(again).await?;
    assert!(status == 400 && text.contains(TABLE), "{status} {text}");
    println!("a second table of that name is refused, 400: {text}");

    let stranger = sign_in(address, name, &format!("{password}?"))?;
    let wrong = run(&stranger, "SELECT 1").await.err().expect("the password is wrong");
    let (status, text) = refusal(wrong).await?;
    assert!(status == 401 && !text.is_empty(), "{status} {text}");
    println!("a wrong password is refused, 401: {text}");
    Ok(())
}
