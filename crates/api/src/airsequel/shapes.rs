//! What texts in bodies look like, as the documents say it. Services have the last word on each.

use crate::text::{Shape, Text};

/// The shape of an e-mail address.
pub struct Address;

impl Shape for Address {
    const MOST: Option<usize> = Some(254);
    const FORMAT: Option<&'static str> = Some("email");
}

/// An e-mail address.
pub type Email = Text<Address>;

/// The shape of a time.
pub struct Rfc3339;

impl Shape for Rfc3339 {
    const FORMAT: Option<&'static str> = Some("date-time");
}

/// A time, such as `2030-01-31T12:00:00Z`.
pub type Time = Text<Rfc3339>;

/// The shape of a user's name.
pub struct SignInName;

impl Shape for SignInName {
    const LEAST: Option<usize> = Some(1);
    const MOST: Option<usize> = Some(model::MAX_NAME_CHARS);
    const PATTERN: Option<&'static str> = Some(r"^[^:@\x00-\x1f\x7f-\x9f]+$");
}

/// The name of a user, which neither ends early in credentials nor looks like an address.
pub type UserName = Text<SignInName>;

/// The shape of a password that is to be.
pub struct Secret;

impl Shape for Secret {
    const LEAST: Option<usize> = Some(6);
    const MOST: Option<usize> = Some(1024);
}

/// A password that is to be.
pub type Password = Text<Secret>;

/// The shape of a variable's name.
pub struct ShellName;

impl Shape for ShellName {
    const LEAST: Option<usize> = Some(1);
    const MOST: Option<usize> = Some(256);
    const PATTERN: Option<&'static str> = Some("^[A-Za-z_][A-Za-z0-9_]*$");
}

/// The name of a variable, as shells take it.
pub type VariableName = Text<ShellName>;

/// The shape of a host.
pub struct HostAndPort;

impl Shape for HostAndPort {
    const LEAST: Option<usize> = Some(1);
    const MOST: Option<usize> = Some(260);
    const PATTERN: Option<&'static str> = Some(r"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$");
}

/// A host, and a port where one is meant.
pub type Host = Text<HostAndPort>;

/// The shape of text that SQL can hold as it is.
pub struct Whole;

impl Shape for Whole {
    const PATTERN: Option<&'static str> = Some(r"^[^\x00]*$");
}

/// Text without a NUL character.
pub type Value = Text<Whole>;
