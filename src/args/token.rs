//! Flags about API tokens.

use clap::Subcommand;

use super::StorageArguments;

/// What to do with API tokens.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Create a token that may do what its user may. Without --value-stdin it is generated and printed once.
    Create {
        /// The user whom it calls in for.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What it is called, to be told from others.
        #[arg(long, value_name = "LABEL")]
        name: String,
        /// Read the token from the first line of standard input: ast_ and at least 24 letters and digits.
        #[arg(long)]
        value_stdin: bool,
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// List every token, those of teams as well.
    List {
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// End a token, whosever it is.
    Revoke {
        /// Its number in the list.
        id: i64,
        #[command(flatten)]
        storage: StorageArguments,
    },
}
