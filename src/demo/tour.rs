//! The tour: each request is really made, and printed as the `curl` line that makes it again, with its answer.

use std::net::SocketAddr;
use std::path::Path;

use model::{Error, Result};
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};

use super::WEATHER;
use super::shell::quoted;
use super::shop::NAME;

/// What is asked of the sample data, and what each question is about.
const QUESTIONS: &[(&str, &str)] = &[
    ("What is in the table?", "SELECT count(*) AS days, min(date) AS first, max(date) AS last FROM weather"),
    ("How often is it sunny?", "SELECT weather, count(*) AS days FROM weather GROUP BY weather ORDER BY days DESC"),
    (
        "How much rain falls in a year?",
        "SELECT extract(year FROM date) AS year, round(sum(precipitation), 1) AS millimetres FROM weather GROUP BY 1 ORDER BY 1",
    ),
    ("Which days were hottest?", "SELECT date, temp_max FROM weather ORDER BY temp_max DESC, date LIMIT 3"),
];

/// A caller of the demo's own server.
pub struct Tour {
    client: Client,
    base: String,
    user: &'static str,
    password: SecretString,
}

impl Tour {
    /// # Errors
    /// `Internal` where no HTTP client can be made.
    pub fn new(address: SocketAddr, user: &'static str, password: SecretString) -> Result<Self> {
        // Proxies that the environment names are not for a server on this machine.
        let client = Client::builder().no_proxy().build().map_err(Error::internal)?;
        Ok(Self { client, base: format!("http://{address}"), user, password })
    }

    /// Sends the sample file into the table `weather`.
    ///
    /// # Errors
    /// A request that fails.
    pub async fn upload(&self, file: &Path) -> Result<()> {
        let url = format!("{}/upload?catalog=lakehouse&schema=main&table=weather&mode=overwrite", self.base);
        println!("\nA file becomes a table:\n");
        self.print_curl(&url, &["--data-binary", &format!("@{}", file.display())]);
        let answer = self.send(self.client.post(&url).body(WEATHER)).await?;
        println!("{}", answer.status());
        Ok(())
    }

    /// Asks the questions.
    ///
    /// # Errors
    /// A request that fails.
    pub async fn ask(&self) -> Result<()> {
        let url = format!("{}/query", self.base);
        for (title, statement) in QUESTIONS {
            println!("\n{title}\n");
            let body = serde_json::json!({ "statement": statement }).to_string();
            self.print_curl(&url, &["-d", &body]);
            let answer = self.send(self.client.post(&url).body(body)).await?;
            let lines = answer.text().await.map_err(Error::internal)?;
            print!("{lines}");
            // The status was sent before the query ran: a failure is the last line.
            if lines.lines().last().is_none_or(|line| line.starts_with("{\"error\"")) {
                return Err(Error::internal(format!("the demo's question failed: {statement}")));
            }
        }
        Ok(())
    }

    /// Asks the SQLite database, and says where its chart is.
    ///
    /// # Errors
    /// A request that fails.
    pub async fn shop(&self) -> Result<()> {
        let url = format!("{}/dbs/{NAME}/sql", self.base);
        let question = "SELECT country, total FROM sales ORDER BY total DESC LIMIT 3";
        println!("\nA SQLite database beside the tables: where do we sell most?\n");
        let body = serde_json::json!({ "query": question }).to_string();
        self.print_curl(&url, &["-d", &body]);
        let answer = self.send(self.client.post(&url).body(body)).await?;
        println!("{}", answer.text().await.map_err(Error::internal)?);
        println!("\nIts chart, drawn by the server:\n");
        self.print_curl(
            &format!("{}/api/dbs/{NAME}/charts/01j00000000000000000000000.svg", self.base),
            &["-o", "sales.svg"],
        );
        Ok(())
    }

    /// Where to go from here.
    pub fn farewell(&self) {
        println!("\nTry every request in the browser:  {}/docs", self.base);
        println!("Sign in as {} with the password    {}", self.user, self.password.expose_secret());
        println!("Ctrl-C ends the demo.");
    }

    fn print_curl(&self, url: &str, arguments: &[&str]) {
        let credential = format!("{}:{}", self.user, self.password.expose_secret());
        let words = ["curl", "-u", &credential, url].into_iter().chain(arguments.iter().copied());
        println!("$ {}", words.map(quoted).collect::<Vec<_>>().join(" "));
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let signed = request.basic_auth(self.user, Some(self.password.expose_secret()));
        let answer = signed.send().await.map_err(Error::internal)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
        Err(Error::internal(format!("the demo's own request was answered with {status}: {text}")))
    }
}
