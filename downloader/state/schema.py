"""The journal's tables, and all that is asked of them."""

from __future__ import annotations

from downloader.state.sqlite import Layout

_FILE = """path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, key TEXT, run INTEGER,
    digests TEXT, etag TEXT, last_modified TEXT"""
# What is about to appear: a run that is killed in between has left a file that no row of `files`
# knows.
_ANNOUNCED = f"CREATE TABLE announced ({_FILE}, verified TEXT) WITHOUT ROWID"
_PARTS = """CREATE TABLE parts (
    path TEXT PRIMARY KEY, key TEXT, etag TEXT, last_modified TEXT, date TEXT, total INTEGER,
    offset INTEGER, boot TEXT, at TEXT, seal TEXT
) WITHOUT ROWID"""

# `path` is relative to the target folder, and an item's is that of its last file; `shown` is the
# outcome's own path, as told in that run.
# What the server said of a file (its validators) stands with the file, not with the last try.
LAYOUT = Layout(
    application=0x646C_6A31,  # "dlj1"
    version=2,
    tables=(
        """CREATE TABLE items (
            key TEXT PRIMARY KEY, run INTEGER, at TEXT, path TEXT,
            status TEXT, line INTEGER, source TEXT, url TEXT, final_url TEXT, shown TEXT,
            size INTEGER, digests TEXT, verified TEXT, http_status INTEGER, attempts INTEGER,
            resumed_from INTEGER, fetch_seconds REAL, hash_seconds REAL,
            kind TEXT, message TEXT, retryable INTEGER
        ) WITHOUT ROWID""",
        f"CREATE TABLE files ({_FILE}, verified TEXT) WITHOUT ROWID",
        _ANNOUNCED,
        _PARTS,
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, version TEXT, mode TEXT,
            threads INTEGER, processes INTEGER, algorithms TEXT, fingerprint TEXT,
            total INTEGER, stored INTEGER, unchanged INTEGER, kept INTEGER, failed INTEGER,
            bytes INTEGER, wall REAL, fetch REAL, hash REAL, busy_fetch REAL, busy_hash REAL,
            completed INTEGER NOT NULL DEFAULT 0
        )""",
    ),
    upgrades={
        2: (
            "ALTER TABLE files ADD COLUMN verified TEXT",
            "DROP TABLE IF EXISTS announced",
            _ANNOUNCED,
            _PARTS,
        )
    },
)

# A URL's path outlives tries that bring no file.
PUT_ITEM = f"""INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3,
    COALESCE(?4, (SELECT path FROM items WHERE key = ?1)), {", ".join("?" * 17)})"""
PUT_FILE = f"INSERT OR REPLACE INTO files VALUES ({', '.join('?' * 9)})"
ANNOUNCE = f"INSERT OR REPLACE INTO announced VALUES ({', '.join('?' * 9)})"
ANNOUNCED = "SELECT path, size, mtime_ns, key FROM announced"
APPEARED = "INSERT OR REPLACE INTO files SELECT * FROM announced WHERE path = ?"
FORGET_ANNOUNCED = "DELETE FROM announced"
STANDS = "INSERT OR REPLACE INTO items (key, path) VALUES (?, ?)"
RECALL = """SELECT status, line, source, url, final_url, shown, size, digests, verified,
    http_status, attempts, resumed_from, fetch_seconds, hash_seconds, kind, message, retryable
    FROM items WHERE key = ? AND run = ?"""
HAS_FAILED = "SELECT 1 FROM items WHERE key = ? AND status = 'failed'"
STORED_AT = "SELECT path FROM items WHERE key = ?"
ANY_FILE = "SELECT 1 FROM files LIMIT 1"
# "/" and "0" are neighbours: between them is all that stands below a path.
HOLDER = """SELECT key FROM files WHERE path = ?1 UNION ALL
    SELECT * FROM (SELECT '' FROM files WHERE path > ?1 || '/' AND path < ?1 || '0' LIMIT 1)"""
FILES = """SELECT size, mtime_ns FROM files WHERE path = ?1
    UNION ALL SELECT size, mtime_ns FROM announced WHERE path = ?1"""
KNOWN = """SELECT files.digests, etag, last_modified, files.verified, status
    FROM files LEFT JOIN items ON items.key = files.key
    WHERE files.path = ? AND files.size = ? AND mtime_ns = ? AND files.key = ?"""
COUNT_FILES = "SELECT count(*) FROM files"
ALL_FILES = "SELECT path, size, digests FROM files ORDER BY path"
ALL_ANNOUNCED = """SELECT path, size, mtime_ns, digests,
    EXISTS (SELECT 1 FROM files WHERE files.path = announced.path) FROM announced ORDER BY path"""
URLS = """SELECT file.key, url, final_url FROM (
        SELECT key FROM files WHERE path = ?1 UNION SELECT key FROM announced WHERE path = ?1
    ) AS file LEFT JOIN items ON items.key = file.key"""
BEGIN_RUN = """INSERT INTO runs (at, version, mode, threads, processes, algorithms)
    VALUES (?, ?, ?, ?, ?, ?)"""
END_RUN = """UPDATE runs SET fingerprint = ?, total = ?, stored = ?, unchanged = ?, kept = ?,
    failed = ?, bytes = ?, wall = ?, fetch = ?, hash = ?, busy_fetch = ?, busy_hash = ?,
    completed = ? WHERE id = ?"""
PAST_RUN = """SELECT at, threads, processes, wall, fetch, hash, busy_fetch, busy_hash, stored,
    failed, bytes FROM runs WHERE completed AND fingerprint = ? AND mode = ? AND algorithms = ?
    AND stored = ? AND id <> ? ORDER BY id DESC LIMIT 1"""
