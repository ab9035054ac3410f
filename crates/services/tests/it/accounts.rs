//! Who may call.

mod credentials;
mod links;
mod mail;
mod mail_restart;
mod members;
mod passwords;
mod sessions;
mod sign_up;
mod smtp;
mod teams;
mod tokens;
mod world;
