//! Tables, columns, rows, exports and files in cells of Airsequel, over real files.

mod columns;
mod contents;
mod export;
mod files;
mod schema;
mod tables;

use crate::shop::Shop;

/// With planets, a view of them, and a table of colors that references them.
async fn shop() -> Shop {
    Shop::with(&[
        "CREATE TABLE planets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, moons INTEGER, picture BLOB)",
        "CREATE TABLE looks (planet INTEGER REFERENCES planets (id), color TEXT CHECK (color IN ('red', 'blue')), \
         size REAL DEFAULT 1.5, CONSTRAINT large CHECK (size > 0))",
        "CREATE VIEW small AS SELECT name, moons FROM planets WHERE moons < 10",
        "INSERT INTO planets VALUES (1, 'Mars', 2, x'89504e470d0a1a0a'), (2, 'Jupiter', 95, NULL), (3, 'Erde', 1, NULL)",
        "INSERT INTO looks VALUES (1, 'red', 2.0)",
    ])
    .await
}
