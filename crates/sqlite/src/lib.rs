//! Databases that are one SQLite file each, which `sqlite3` opens at any time.

mod file;
