CREATE TABLE users (
  name          TEXT NOT NULL PRIMARY KEY,
  password_hash TEXT NOT NULL,
  access        TEXT NOT NULL CHECK (access IN ('read', 'write', 'admin')),
  disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

-- Grows with every change of a user, whichever program made it: what a server remembers of credentials is good for
-- one generation.
CREATE TABLE account_generation (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO account_generation (id, value) VALUES (1, 0);

CREATE TRIGGER users_inserted AFTER INSERT ON users BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER users_updated AFTER UPDATE ON users BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
  UPDATE account_generation SET value = value + 1;
END;

-- key is the form under which names are compared.
CREATE TABLE databases (
  id         TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  key        TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL CHECK (kind IN ('sqlite', 'lakehouse')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

-- Databases that are gone for callers and whose files may still be there.
CREATE TABLE removals (
  id   TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL
) STRICT;
