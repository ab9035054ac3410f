//! Generators as programs.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

/// A program that codegen runs.
pub struct Tool {
    /// The program's name on the path.
    pub program: &'static str,
    /// The environment variable that names another program in its place.
    pub variable: &'static str,
    /// The arguments with which it prints its version, if it can.
    pub version_arguments: &'static [&'static str],
    /// The one version that is known to work.
    pub version: &'static str,
    /// The command that installs that version.
    pub install: &'static str,
}

impl Tool {
    /// Runs the program in a directory; answers what it printed on standard output. The error has all that it printed.
    pub fn run(&self, arguments: &[&str], directory: &Path) -> Result<String, String> {
        let output = self.output(arguments, directory)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("{} {} failed ({}):\n{}", self.program, arguments.join(" "), output.status, printed(&output)))
    }

    /// Whether the program is there and of the right version; the error says how to install it.
    pub fn check(&self) -> Result<(), String> {
        if self.version_arguments.is_empty() {
            return Ok(());
        }
        let output = self.output(self.version_arguments, Path::new("."))?;
        let found = printed(&output);
        match found.split_whitespace().any(|word| word == self.version) {
            true => Ok(()),
            false => Err(format!("{} is not version {}; {}\n{found}", self.program, self.version, self.advice())),
        }
    }

    fn output(&self, arguments: &[&str], directory: &Path) -> Result<Output, String> {
        let program = std::env::var_os(self.variable).unwrap_or_else(|| OsString::from(self.program));
        let output = Command::new(&program).args(arguments).current_dir(directory).output();
        output.map_err(|cause| format!("cannot run {}: {cause}; {}", program.to_string_lossy(), self.advice()))
    }

    fn advice(&self) -> String {
        format!("install it with `{}`, or name it in {}", self.install, self.variable)
    }
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
