-- The key itself, encrypted, from when it is made until its mail was sent or given up.
ALTER TABLE mail_keys ADD COLUMN sealed BLOB;
CREATE INDEX mail_keys_waiting ON mail_keys (created_at) WHERE sealed IS NOT NULL;

-- Who asked to reset a password, whether or not an account has the address, until that was looked up.
CREATE TABLE reset_requests (
  id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  email      TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
