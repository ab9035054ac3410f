//! What a user of the Rust client does with a SQLite database, against the server at the address in the first argument.

use std::error::Error;

use boathouse_airsequel::{Client, Error as Failed, types};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;

const SCRIPT: &str = "CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, length REAL)";
const INSERT: &str = "INSERT INTO boats (name, length) VALUES ('Ann', 7.5), ('Bob', NULL) RETURNING id";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Status and message of a refusal.
fn refusal(refused: Failed<types::Refusal>) -> Outcome<(u16, String)> {
    let Failed::ErrorResponse(answer) = refused else { return Err(refused.into()) };
    Ok((answer.status().as_u16(), answer.errors[0].message.clone()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, name, password] = arguments.as_slice() else { return Err("ADDRESS NAME PASSWORD".into()) };
    let anybody = Client::new(address);
    let login = |password: &str| anybody.open_session().body_map(|body| body.username(name).password(password)).send();
    let (status, text) = refusal(login(&format!("{password}?")).await.expect_err("the password is wrong"))?;
    assert!(status == 401 && !text.is_empty(), "{status} {text}");
    println!("a wrong password is refused, 401: {text}");

    let session = login(password).await?;
    assert_eq!(session.username, *name);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {}", session.session_token).parse()?)]);
    let client = Client::new_with_client(address, reqwest::Client::builder().default_headers(headers).build()?);
    println!("signed in as {name}");

    let script = SCRIPT.to_owned();
    let made = client.create_database().body_map(|body| body.name("boats of Rust").query(script)).send().await?;
    assert_eq!(made.owner_name.as_ref(), Some(name));
    println!("made the database {}", made.id);

    let run = |query: &str| client.run_sql().db_id(made.id.as_str()).body_map(|body| body.query(query)).send();
    let result = run(INSERT).await?;
    assert_eq!((&result.errors[..], result.num_changes), (&[][..], 2));
    assert_eq!(json!(result.rows), json!([{"id": 1}, {"id": 2}]));
    assert_eq!(result.affected_tables, ["boats"]);
    println!("inserted two rows, whose numbers came back");

    let wrong = run("SELECT nope FROM boats").await?;
    assert!(wrong.rows.is_empty() && wrong.errors[0].contains("nope"), "{:?}", wrong.errors);
    println!("a wrong statement is told in the result: {}", wrong.errors[0]);

    let read = |table: &str| client.get_table().db_id(made.id.as_str()).table_id(table).send();
    let table = read("boats").await?;
    assert_eq!(table.number_of_rows, 2);
    let cells = |name: &str| table.columns.iter().find(|column| column.name == name).map(|column| json!(column.items));
    assert_eq!((cells("name"), cells("length")), (Some(json!(["Ann", "Bob"])), Some(json!([7.5, null]))));
    println!("read them as a table");

    let (status, text) = refusal(read("ships").await.expect_err("there is no such table"))?;
    assert!(status == 404 && !text.is_empty(), "{status} {text}");
    println!("another table is not there, 404: {text}");
    Ok(())
}
