-- Users get an e-mail address, and may have no access to the databases that no team owns. SQLite changes a CHECK by making
-- the table anew; its triggers go with it.
CREATE TABLE users_new (
  name              TEXT NOT NULL PRIMARY KEY,
  password_hash     TEXT NOT NULL,
  access            TEXT NOT NULL CHECK (access IN ('none', 'read', 'write', 'admin')),
  disabled          INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  -- Lower case, so that it is compared without regard to letter case.
  email             TEXT UNIQUE,
  email_verified_at TEXT
) STRICT;
INSERT INTO users_new (name, password_hash, access, disabled, created_at)
  SELECT name, password_hash, access, disabled, created_at FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;

CREATE TABLE teams (
  id                   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  name                 TEXT NOT NULL,
  -- The form under which names are compared.
  key                  TEXT NOT NULL UNIQUE,
  -- The user whose personal team it is.
  personal_of          TEXT UNIQUE REFERENCES users (name) ON UPDATE CASCADE ON DELETE SET NULL,
  created_at           TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  billing_email        TEXT,
  billing_plan         TEXT,
  billing_subscription INTEGER
) STRICT;

CREATE TABLE members (
  team_id   INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  user_name TEXT NOT NULL REFERENCES users (name) ON UPDATE CASCADE ON DELETE CASCADE,
  admin     INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
  editor    INTEGER NOT NULL DEFAULT 0 CHECK (editor IN (0, 1)),
  viewer    INTEGER NOT NULL DEFAULT 0 CHECK (viewer IN (0, 1)),
  joined_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (team_id, user_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_name);

-- Users of before have a team of their own as well. A name that differs from another in letter case alone gets none.
INSERT OR IGNORE INTO teams (name, key, personal_of) SELECT name, name_key(name), name FROM users;
INSERT INTO members (team_id, user_name, admin) SELECT id, personal_of, 1 FROM teams;

-- What a session or token is known by is kept as a hash; a token's first characters are kept to be recognised by.
CREATE TABLE sessions (
  hash       BLOB NOT NULL PRIMARY KEY,
  user_name  TEXT NOT NULL REFERENCES users (name) ON UPDATE CASCADE ON DELETE CASCADE,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at TEXT NOT NULL,
  -- One that was ended is known until it would have expired, so that ending it twice is no fault.
  ended_at   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_name);

-- One of a team may do what its permissions say, one of a user what the user may.
CREATE TABLE tokens (
  id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  team_id     INTEGER REFERENCES teams (id) ON DELETE CASCADE,
  user_name   TEXT REFERENCES users (name) ON UPDATE CASCADE ON DELETE CASCADE,
  name        TEXT NOT NULL,
  description TEXT,
  hash        BLOB NOT NULL UNIQUE,
  prefix      TEXT NOT NULL,
  created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  expires_at  TEXT,
  CHECK ((team_id IS NULL) <> (user_name IS NULL))
) STRICT;
CREATE INDEX tokens_by_team ON tokens (team_id);

CREATE TABLE token_permissions (
  token_id    INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  access      TEXT NOT NULL CHECK (access IN ('read', 'insert', 'write')),
  PRIMARY KEY (token_id, database_id, access)
) STRICT, WITHOUT ROWID;

-- Keys that were mailed: to verify an address, to reset a password, to sign up. Each is good once.
CREATE TABLE mail_keys (
  hash       BLOB NOT NULL PRIMARY KEY,
  purpose    TEXT NOT NULL CHECK (purpose IN ('verify', 'reset', 'invite')),
  user_name  TEXT REFERENCES users (name) ON UPDATE CASCADE ON DELETE CASCADE,
  email      TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a server remembers of credentials it looks up again when any of these has changed. A new user, session or token is
-- nothing that anybody remembers.
CREATE TRIGGER users_updated AFTER UPDATE ON users BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER teams_deleted AFTER DELETE ON teams BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER members_inserted AFTER INSERT ON members
WHEN NEW.user_name IS NOT (SELECT personal_of FROM teams WHERE id = NEW.team_id) BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER members_updated AFTER UPDATE ON members BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER members_deleted AFTER DELETE ON members BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER sessions_updated AFTER UPDATE ON sessions BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
WHEN OLD.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER tokens_updated AFTER UPDATE ON tokens BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER tokens_deleted AFTER DELETE ON tokens BEGIN UPDATE account_generation SET value = value + 1; END;
CREATE TRIGGER permissions_inserted AFTER INSERT ON token_permissions BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER permissions_updated AFTER UPDATE ON token_permissions BEGIN
  UPDATE account_generation SET value = value + 1;
END;
CREATE TRIGGER permissions_deleted AFTER DELETE ON token_permissions BEGIN
  UPDATE account_generation SET value = value + 1;
END;

-- Who a database belongs to and who may see it. One without an owner is the server's own where it is private, and
-- everybody's where it is public.
ALTER TABLE databases ADD COLUMN owner_team INTEGER REFERENCES teams (id);
ALTER TABLE databases ADD COLUMN owned_at TEXT;
ALTER TABLE databases ADD COLUMN readonly_id TEXT;
-- What it is shown as, where that is not its name: names are unique, labels are not.
ALTER TABLE databases ADD COLUMN label TEXT;
ALTER TABLE databases ADD COLUMN description TEXT;
ALTER TABLE databases ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'public'));
ALTER TABLE databases ADD COLUMN environment TEXT;
ALTER TABLE databases ADD COLUMN auditing INTEGER NOT NULL DEFAULT 0 CHECK (auditing IN (0, 1));
ALTER TABLE databases ADD COLUMN schema_locked INTEGER NOT NULL DEFAULT 0 CHECK (schema_locked IN (0, 1));
ALTER TABLE databases ADD COLUMN views_tab INTEGER NOT NULL DEFAULT 0 CHECK (views_tab IN (0, 1));
-- What was uploaded to make it.
ALTER TABLE databases ADD COLUMN file_name TEXT;
ALTER TABLE databases ADD COLUMN file_format TEXT;
-- When it is removed; only databases without an owner are.
ALTER TABLE databases ADD COLUMN expires_at TEXT;
CREATE UNIQUE INDEX databases_by_readonly_id ON databases (readonly_id);
CREATE INDEX databases_by_owner ON databases (owner_team);
-- A token's permission counts as long as the database belongs to its team.
CREATE TRIGGER databases_moved AFTER UPDATE OF owner_team ON databases BEGIN
  UPDATE account_generation SET value = value + 1;
END;

-- What the storage calls it, where that is not its id any more.
ALTER TABLE databases ADD COLUMN storage_id TEXT;
CREATE UNIQUE INDEX databases_by_storage ON databases (coalesce(storage_id, id));

-- Values are encrypted. Without a database they are the server's.
CREATE TABLE variables (
  database_id TEXT REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  name        TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE UNIQUE INDEX variables_by_name ON variables (coalesce(database_id, ''), name);

-- Settings of the server, as JSON.
CREATE TABLE settings (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How tables and columns are shown. Names are in the form under which they are compared.
CREATE TABLE table_notes (
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  table_key   TEXT NOT NULL,
  description TEXT,
  -- Whether its place was chosen, and the table it stands after; the first where there is none.
  placed      INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1)),
  after_key   TEXT,
  PRIMARY KEY (database_id, table_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE column_notes (
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  table_key   TEXT NOT NULL,
  column_key  TEXT NOT NULL,
  description TEXT,
  placed      INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1)),
  after_key   TEXT,
  PRIMARY KEY (database_id, table_key, column_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE charts (
  id               TEXT NOT NULL PRIMARY KEY,
  database_id      TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  title            TEXT NOT NULL,
  chart_type       TEXT NOT NULL,
  table_name       TEXT NOT NULL,
  -- Names of columns, as a JSON array.
  headers          TEXT NOT NULL,
  hide_null_values INTEGER NOT NULL CHECK (hide_null_values IN (0, 1)),
  label_rotation   INTEGER NOT NULL
) STRICT;
CREATE INDEX charts_by_database ON charts (database_id);
CREATE TABLE dashboards (
  id          TEXT NOT NULL PRIMARY KEY,
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  title       TEXT NOT NULL,
  -- Ids of charts in the order of display, as a JSON array.
  charts      TEXT NOT NULL
) STRICT;
CREATE INDEX dashboards_by_database ON dashboards (database_id);
CREATE TABLE apps (
  id          TEXT NOT NULL,
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  name        TEXT NOT NULL,
  description TEXT,
  html        BLOB NOT NULL,
  created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (database_id, id)
) STRICT;

-- What was written in databases whose auditing is on.
CREATE TABLE audit (
  id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  database_id TEXT NOT NULL REFERENCES databases (id) ON UPDATE CASCADE ON DELETE CASCADE,
  at          TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  actor       TEXT NOT NULL,
  operation   TEXT NOT NULL,
  table_name  TEXT,
  statement   TEXT,
  changes     INTEGER
) STRICT;
CREATE INDEX audit_by_database ON audit (database_id, id);
