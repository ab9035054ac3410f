//! `boathouse demo`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::process::program;

#[tokio::test]
async fn the_tour_prints_lines_that_work() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = program()
        .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path().join("demo"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.contains("Ctrl-C")) {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            let mut errors = String::new();
            process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("the demo ended after {lines:?}: {errors}");
        }
        lines.push(line.trim_end().to_owned());
    }
    // The file has 1461 days: the years 2012 to 2015, of which one is a leap year.
    assert!(lines.iter().any(|line| line.starts_with("[1461,\"2012-01-01\",\"2015-12-31\"")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("/docs")));
    let curls: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(curls.len() >= 4);
    for curl in curls {
        let output = Command::new("sh").arg("-c").arg(format!("{curl} -s --noproxy '*' -f")).output().unwrap();
        assert!(output.status.success(), "{curl}");
        let answer = String::from_utf8(output.stdout).unwrap();
        if curl.contains("/query") {
            let last = answer.lines().last().unwrap();
            assert!(lines.iter().any(|line| line == last), "the printed answer is the real one: {last}");
        }
    }
    let stopped = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(process.wait().unwrap().success());
}
