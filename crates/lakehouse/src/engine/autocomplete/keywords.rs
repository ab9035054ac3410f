//! The words of SQL, by where they can stand.

/// Words that begin a statement.
pub const START: &[&str] = &[
    "SELECT",
    "FROM",
    "WITH",
    "INSERT INTO",
    "UPDATE",
    "DELETE FROM",
    "CREATE",
    "DROP",
    "ALTER TABLE",
    "DESCRIBE",
    "EXPLAIN",
    "SHOW TABLES",
    "SHOW DATABASES",
    "SUMMARIZE",
    "TRUNCATE",
    "USE",
    "SET",
    "VALUES",
    "MERGE INTO",
    "COMMENT ON",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
];

/// Words that begin a query inside a statement.
pub const QUERY: &[&str] = &["SELECT", "FROM", "WITH", "VALUES"];

/// Words that begin an expression.
pub const OPERAND: &[&str] =
    &["CASE", "CAST", "NOT", "NULL", "TRUE", "FALSE", "EXISTS", "INTERVAL", "DATE", "TIMESTAMP", "TRY_CAST"];

/// Words that go on from an expression, whatever it stands in.
pub const OPERATOR: &[&str] =
    &["AND", "OR", "IS", "IN", "LIKE", "ILIKE", "BETWEEN", "NOT", "COLLATE", "OVER", "FILTER"];

/// Words that go on from a table.
pub const AFTER_TABLE: &[&str] = &[
    "WHERE",
    "JOIN",
    "LEFT JOIN",
    "INNER JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "CROSS JOIN",
    "SEMI JOIN",
    "ANTI JOIN",
    "ON",
    "USING",
    "AS",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "QUALIFY",
    "LIMIT",
    "OFFSET",
    "UNION",
    "UNION ALL",
    "INTERSECT",
    "EXCEPT",
    "SELECT",
    "SET",
    "VALUES",
    "NATURAL JOIN",
    "TABLESAMPLE",
    "WINDOW",
];

/// Types of columns.
pub const TYPES: &[&str] = &[
    "BIGINT",
    "BLOB",
    "BOOLEAN",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "HUGEINT",
    "INTEGER",
    "INTERVAL",
    "JSON",
    "REAL",
    "SMALLINT",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMPTZ",
    "TINYINT",
    "UBIGINT",
    "UINTEGER",
    "USMALLINT",
    "UTINYINT",
    "UUID",
    "VARCHAR",
    "STRUCT",
    "MAP",
];

/// The tables of `information_schema`.
pub const INFORMATION_SCHEMA: &[&str] = &["columns", "schemata", "tables", "views"];

/// What can only follow on a word, after which no expression and no name can stand.
pub fn after(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "GROUP" | "ORDER" | "PARTITION" => &["BY"],
        "INSERT" | "MERGE" => &["INTO"],
        "DELETE" => &["FROM"],
        "CREATE" => &["TABLE", "VIEW", "SCHEMA", "DATABASE", "OR REPLACE"],
        "REPLACE" => &["TABLE", "VIEW"],
        "DROP" => &["TABLE", "VIEW", "SCHEMA", "DATABASE", "COLUMN"],
        "ALTER" => &["TABLE", "COLUMN"],
        "TRUNCATE" => &["TABLE"],
        "SHOW" => &["TABLES", "DATABASES"],
        "COMMENT" => &["ON TABLE", "ON COLUMN"],
        "IS" => &["NULL", "NOT NULL", "DISTINCT FROM", "NOT DISTINCT FROM", "TRUE", "FALSE"],
        "LEFT" | "RIGHT" | "FULL" => &["JOIN", "OUTER JOIN"],
        "INNER" | "CROSS" | "SEMI" | "ANTI" | "OUTER" | "NATURAL" | "ASOF" | "POSITIONAL" => &["JOIN"],
        "NULLS" => &["FIRST", "LAST"],
        "UNION" | "INTERSECT" | "EXCEPT" => &["ALL", "BY NAME", "SELECT", "FROM", "VALUES"],
        "ALL" => &["SELECT", "BY NAME", "FROM", "VALUES"],
        "IF" => &["EXISTS", "NOT EXISTS"],
        "BEGIN" => &["TRANSACTION"],
        "ADD" => &["COLUMN", "COLUMN IF NOT EXISTS"],
        "RENAME" => &["TO", "COLUMN"],
        "WITHIN" => &["GROUP"],
        _ => return None,
    })
}

/// The clauses that can follow on the expressions of one.
pub fn next_clauses(clause: &str) -> &'static [&'static str] {
    match clause {
        "SELECT" => &["FROM", "AS", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "UNION", "EXCLUDE", "REPLACE"],
        "ON" | "USING" => {
            &["WHERE", "JOIN", "LEFT JOIN", "INNER JOIN", "GROUP BY", "ORDER BY", "LIMIT", "THEN", "WHEN"]
        }
        "WHERE" => &["GROUP BY", "ORDER BY", "HAVING", "QUALIFY", "LIMIT", "OFFSET", "UNION", "RETURNING"],
        "GROUP" => &["HAVING", "ORDER BY", "QUALIFY", "LIMIT", "UNION"],
        "HAVING" | "QUALIFY" => &["ORDER BY", "QUALIFY", "LIMIT", "UNION"],
        "ORDER" => &["ASC", "DESC", "NULLS FIRST", "NULLS LAST", "LIMIT", "OFFSET"],
        "LIMIT" => &["OFFSET"],
        "SET" => &["WHERE", "FROM"],
        "CASE" => &["WHEN", "THEN", "ELSE", "END"],
        "PARTITION" => &["ORDER BY", "ROWS", "RANGE"],
        "CAST" => &["AS"],
        _ => &["AS", "FROM", "ORDER BY"],
    }
}
