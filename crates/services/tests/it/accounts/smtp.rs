//! An SMTP server that keeps what it is sent.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use services::{SmtpConfig, SmtpTls};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub struct SmtpSink {
    pub port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl SmtpSink {
    /// One that answers the first `refusals` of them with a code, and takes all that come later.
    pub async fn start(refusals: usize, code: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&mails);
        tokio::spawn(async move {
            let mut refusals = refusals;
            while let Ok((socket, _)) = listener.accept().await {
                if let Some(mail) = converse(socket, if refusals > 0 { Some(code) } else { None }).await {
                    taken.lock().unwrap().push(mail);
                }
                refusals = refusals.saturating_sub(1);
            }
        });
        Self { port, mails }
    }

    pub fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            credentials: None,
            tls: SmtpTls::Off,
            from: SmtpConfig::sender("Boathouse <data@example.com>").unwrap(),
        }
    }

    /// The first mail, once it is there.
    pub async fn first(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(mail) = self.mails.lock().unwrap().first() {
                return mail.clone();
            }
            assert!(Instant::now() < deadline, "no mail came");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn count(&self) -> usize {
        self.mails.lock().unwrap().len()
    }
}

/// One conversation; the mail, where it was taken.
async fn converse(socket: TcpStream, refusal: Option<&str>) -> Option<String> {
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 sink\r\n").await.ok()?;
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let verb = line.split([' ', '\r']).next().unwrap().to_uppercase();
        let answer = match verb.as_str() {
            "MAIL" if refusal.is_some() => format!("{} not now\r\n", refusal.unwrap()),
            "RCPT" => {
                mail.push_str(&line);
                "250 ok\r\n".to_owned()
            }
            "DATA" => {
                socket.write_all(b"354 go on\r\n").await.ok()?;
                loop {
                    let mut line = String::new();
                    socket.read_line(&mut line).await.ok()?;
                    if line == ".\r\n" {
                        break;
                    }
                    mail.push_str(&line);
                }
                socket.write_all(b"250 ok\r\n").await.ok()?;
                return Some(mail);
            }
            "QUIT" => "221 bye\r\n".to_owned(),
            _ => "250 ok\r\n".to_owned(),
        };
        socket.write_all(answer.as_bytes()).await.ok()?;
    }
}
